"""Statements a request, as the contract of costs has them; the same for one question as for twenty."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.selectors import quiz_summary_of
from courses.models import Quiz
from tests.factories.courses import enroll
from tests.factories.quizzes import course_with_quiz, every_type, right_answers_to, true_false

pytestmark = pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT count too
START = "/api/courses/quiz-attempts/start/"
ATTEMPTS = "/api/courses/quiz-attempts/"


def quiz_of(number: int, asha: CustomUser, bilal: CustomUser) -> Quiz:
    drafts = [true_false(f"{place}?") for place in range(max(0, number - 8))] + every_type()[:number]
    course, quiz = course_with_quiz(asha, drafts, passing_score=10)
    enroll(bilal, course)
    return quiz


def costs(quiz: Quiz, client: APIClient) -> dict[str, int]:
    """Take the quiz, and return what each call of it took, BEGIN and COMMIT included."""
    taken = {}

    def call(name: str, method: Any, *arguments: Any) -> dict[str, Any]:
        with CaptureQueriesContext(connection) as statements:
            response = method(*arguments)
        assert response.status_code < 300, response.content
        taken[name] = len(statements)
        return dict(response.json())

    answers = right_answers_to(quiz)
    attempt = f"{ATTEMPTS}{call('start', client.post, START, {'quiz_id': quiz.pk})['id']}/"
    call("save", client.patch, attempt, {"answers": answers})
    call("start again", client.post, START, {"quiz_id": quiz.pk})
    call("read open", client.get, attempt)
    body = call("submit", client.post, f"{attempt}submit/", {"answers": answers})
    assert body["passed"]
    call("read closed", client.get, attempt)
    return taken


def test_statements_are_few_and_the_same_for_one_question_and_for_twenty(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    one, twenty = (costs(quiz_of(number, asha, bilal), bilals) for number in (1, 20))
    assert one == twenty
    if connection.vendor == "postgresql":
        # The contract's: at most 12 for a submit of 20 questions.
        assert twenty == {"start": 7, "save": 7, "start again": 6, "read open": 5, "submit": 11, "read closed": 5}
    else:  # completing takes its steps one by one on SQLite
        assert twenty["submit"] <= 16


def test_list_of_attempts_takes_as_many_statements_for_one_as_for_three(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    taken = []
    quiz = quiz_of(3, asha, bilal)
    for _attempt in range(3):
        attempt_id = bilals.post(START, {"quiz_id": quiz.pk}).json()["id"]
        bilals.post(f"{ATTEMPTS}{attempt_id}/submit/", {"answers": []})
        bilals.post(START, {"quiz_id": quiz.pk})
        with CaptureQueriesContext(connection) as statements:
            assert bilals.get(ATTEMPTS).json()["results"][0]["status"] == "open"
        taken.append(len(statements))
        bilals.post(f"{ATTEMPTS}{bilals.get(ATTEMPTS).json()['results'][0]['id']}/submit/", {"answers": []})
    assert taken == [8, 8, 8]


def test_summary_for_the_content_page_is_one_statement(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, django_assert_num_queries: Any
) -> None:
    quiz = quiz_of(3, asha, bilal)
    bilals.post(START, {"quiz_id": quiz.pk})
    expected = {
        "id": quiz.pk,
        "question_count": 3,
        "passing_score": 10,
        "time_limit": None,
        "max_attempts": None,
        "attempts_used": 1,
    }
    with django_assert_num_queries(1):
        assert quiz_summary_of(content_id=quiz.content_id, user_id=bilal.pk) == expected
    assert quiz_summary_of(content_id=quiz.content_id, user_id=None) == expected | {"attempts_used": 0}
    assert quiz_summary_of(content_id=10**9, user_id=bilal.pk) is None
