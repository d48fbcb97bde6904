"""The back office of courses, from its rooms."""

from courses.assessment.admin import EssayAdmin, QuestionAdmin, QuizAdmin, QuizAttemptAdmin
from courses.catalogue.admin import BookmarkAdmin, CategoryAdmin, ContentAdmin, CourseAdmin, ModuleAdmin
from courses.languages.admin import SubtitleAdmin
from courses.learning.admin import AccessGrantAdmin, AccessPassAdmin, EnrollmentAdmin, ProgressAdmin, ReviewAdmin
from courses.media.admin import AssetAdmin

__all__ = [
    "AccessGrantAdmin",
    "AccessPassAdmin",
    "AssetAdmin",
    "BookmarkAdmin",
    "CategoryAdmin",
    "ContentAdmin",
    "CourseAdmin",
    "EnrollmentAdmin",
    "EssayAdmin",
    "ModuleAdmin",
    "ProgressAdmin",
    "QuestionAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "ReviewAdmin",
    "SubtitleAdmin",
]
