"""Every write of the room: authoring quizzes and questions, attempts, and their closing."""

from courses.assessment.services.assessments import NoQuestions, TooManyOpen, draw_assessment
from courses.assessment.services.attempts import (
    DeadlinePassed,
    NoAttemptsLeft,
    QuizIsEmpty,
    StartedAttempt,
    save_answers,
    start_attempt,
)
from courses.assessment.services.authoring import (
    QuizExists,
    QuizOfAnotherCourse,
    add_questions,
    check_question,
    create_question,
    create_questions,
    create_quiz,
    delete_question,
    delete_quiz,
    draft_from,
    rewrite_question,
    update_question,
    update_quiz,
)
from courses.assessment.services.closing import (
    AlreadySubmitted,
    QuizIsRunning,
    close_expired_attempts,
    close_overdue_attempt,
    settled,
    submit_attempt,
)
from courses.assessment.services.deadlines import extend_deadlines
from courses.assessment.services.essays import PointsOutOfRange, check_points, grade_essay
from courses.assessment.services.holding import hold_attempts

__all__ = [
    "AlreadySubmitted",
    "DeadlinePassed",
    "NoAttemptsLeft",
    "NoQuestions",
    "PointsOutOfRange",
    "QuizExists",
    "QuizIsEmpty",
    "QuizIsRunning",
    "QuizOfAnotherCourse",
    "StartedAttempt",
    "TooManyOpen",
    "add_questions",
    "check_points",
    "check_question",
    "close_expired_attempts",
    "close_overdue_attempt",
    "create_question",
    "create_questions",
    "create_quiz",
    "delete_question",
    "delete_quiz",
    "draft_from",
    "draw_assessment",
    "extend_deadlines",
    "grade_essay",
    "hold_attempts",
    "rewrite_question",
    "save_answers",
    "settled",
    "start_attempt",
    "submit_attempt",
    "update_question",
    "update_quiz",
]
