"""What learners do before they ask what comes next, and their asking."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.services import start_attempt, submit_attempt
from courses.models import Content, Course, Progress, Quiz, QuizAttempt
from tests.factories.courses import enroll
from tests.factories.people import person
from tests.factories.quizzes import questions_of, right_answer, wrong_answer

RECOMMEND = "/api/chatbot/recommend/"
PATH = "/api/chatbot/learning-path/"
ANALYZE = "/api/chatbot/analyze/"


def found(client: APIClient, address: str, **query: Any) -> Any:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def recommended(client: APIClient, **query: Any) -> list[tuple[str, str]]:
    """Return the titles of what is recommended, each with its reason's code."""
    return [(one["title"], one["reason_code"]) for one in found(client, RECOMMEND, **query)["results"]]


def complete(user: CustomUser, *contents: Content, minutes_ago: int = 0) -> None:
    """Have ``user`` complete contents of a course that they are enrolled in, as rows."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    for content in contents:
        enrollment = user.enrollments.get(course=content.module.course, is_active=True)
        Progress.objects.create(
            enrollment=enrollment, content=content, is_completed=True, completed_at=at, position_at=at, updated_at=at
        )


def answer(learner: CustomUser, quiz: Quiz, *are_right: bool) -> QuizAttempt:
    """Have ``learner`` take the quiz, its questions answered rightly or wrongly in their order; the rest left open."""
    attempt = start_attempt(learner=learner, quiz_id=quiz.pk).running.attempt
    answers = [
        right_answer(question) if is_right else wrong_answer(question)
        for question, is_right in zip(questions_of(quiz), are_right, strict=False)
    ]
    return submit_attempt(learner=learner, attempt_id=attempt.pk, answers=answers).attempt


def taken_together(*courses: Course, by: int = 3) -> list[CustomUser]:
    """Have so many new learners enrol in all of the courses."""
    begun = CustomUser.objects.count()
    learners = [person(f"learner{begun + number}") for number in range(by)]
    for learner in learners:
        for course in courses:
            enroll(learner, course)
    return learners
