"""Every read of the room. What a learner may see of a question is read by ``questions_as_shown`` and nowhere else."""

from courses.assessment.selectors.asked import open_questions_of, question_texts_of
from courses.assessment.selectors.attempts import (
    ClosedAttempt,
    OpenAttempt,
    attempts_as_seen,
    attempts_now,
    attempts_visible_to,
    own_attempt,
    visible_attempt,
)
from courses.assessment.selectors.bank import Found, Wanted, is_any_asked_now, questions_in_bank
from courses.assessment.selectors.essays import essays_owned_by, most_points_for
from courses.assessment.selectors.items import QuestionStatistics, item_statistics
from courses.assessment.selectors.mastery import ToldAnswer, may_read_answers_of, told_answers
from courses.assessment.selectors.questions import (
    authored_question,
    authored_questions,
    owned_question,
    questions_as_shown,
    questions_owned_by,
    right_answers,
)
from courses.assessment.selectors.quizzes import owned_quiz, quiz_summary_of, quizzes_of_course, quizzes_owned_by

__all__ = [
    "ClosedAttempt",
    "Found",
    "OpenAttempt",
    "QuestionStatistics",
    "ToldAnswer",
    "Wanted",
    "attempts_as_seen",
    "attempts_now",
    "attempts_visible_to",
    "authored_question",
    "authored_questions",
    "essays_owned_by",
    "is_any_asked_now",
    "item_statistics",
    "may_read_answers_of",
    "most_points_for",
    "open_questions_of",
    "own_attempt",
    "owned_question",
    "owned_quiz",
    "question_texts_of",
    "questions_as_shown",
    "questions_in_bank",
    "questions_owned_by",
    "quiz_summary_of",
    "quizzes_of_course",
    "quizzes_owned_by",
    "right_answers",
    "told_answers",
    "visible_attempt",
]
