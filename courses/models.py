"""Every table of the app, from its rooms."""

from courses.assessment.models import AnswerKey, EssayAnswer, Question, QuestionOption, Quiz, QuizAnswer, QuizAttempt
from courses.catalogue.models import (
    Bookmark,
    Category,
    Content,
    ContentDocument,
    Course,
    Module,
    PopularSearch,
    RecentSearch,
    SearchDocument,
    SearchTerm,
)
from courses.languages.models import Subtitle
from courses.learning.models import AccessGrant, AccessPass, Enrollment, Progress, ProgressSlot, Review
from courses.media.models import Asset

__all__ = [
    "AccessGrant",
    "AccessPass",
    "AnswerKey",
    "Asset",
    "Bookmark",
    "Category",
    "Content",
    "ContentDocument",
    "Course",
    "Enrollment",
    "EssayAnswer",
    "Module",
    "PopularSearch",
    "Progress",
    "ProgressSlot",
    "Question",
    "QuestionOption",
    "Quiz",
    "QuizAnswer",
    "QuizAttempt",
    "RecentSearch",
    "Review",
    "SearchDocument",
    "SearchTerm",
    "Subtitle",
]
