"""What is asked in quizzes, without what is right: for whoever has to keep off it."""

from courses.assessment.grading import question_ids
from courses.assessment.models import Question, QuizAttempt


def open_questions_of(user_id: int) -> list[str]:
    """Return the texts of the questions that the learner's open attempts ask: one statement without any, else two."""
    attempts = QuizAttempt.objects.filter(user=user_id, status=QuizAttempt.Status.OPEN)
    asked = [id_ for layout in attempts.values_list("layout", flat=True) for id_ in question_ids(layout)]
    return list(Question.objects.filter(pk__in=asked).values_list("question_text", flat=True)) if asked else []


def question_texts_of(course_id: int) -> list[str]:
    """Return the texts of all questions of a course's quizzes: for its owner's eyes."""
    rows = Question.objects.filter(quiz__content__module__course=course_id).order_by("pk")
    return list(rows.values_list("question_text", flat=True))
