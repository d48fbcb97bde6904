"""What is right is nowhere to be seen before its time: by words, by fields, by ids, by the columns that are read."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course, Question, QuestionOption, Quiz
from tests.conftest import ClientFor
from tests.factories.courses import enroll
from tests.factories.quizzes import CANARY, course_with_quiz, every_type, questions_of, right_answers_to

pytestmark = pytest.mark.django_db
START = "/api/courses/quiz-attempts/start/"
#: Every field of a body that may name what is right, and that no learner's open attempt may have.
KEY_FIELDS = {
    "is_correct", "match", "match_id", "accepted_answers", "tolerance", "explanation", "correct", "side", "order",
    "points_earned", "difficulty", "layout",
}  # fmt: skip
#: The columns in which the database holds it.
KEY_COLUMNS = ('"courses_answerkey"', '"is_correct"', '"match_id"', '"explanation"', '"accepted_answers"')


def fields_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(fields_in(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(fields_in(inner) for inner in value))
    return set()


@pytest.fixture
def course_and_quiz(asha: CustomUser, bilal: CustomUser) -> tuple[Course, Quiz]:
    """A quiz with every type of question, the canary in each explanation and each written key."""
    course, quiz = course_with_quiz(asha, every_type(), title="Letters")
    enroll(bilal, course)
    return course, quiz


def pages_before_the_submit(client: APIClient, course: Course, quiz: Quiz) -> list[Any]:
    """Return the answer of every address that has to do with the quiz, while an attempt is open, good calls and bad."""
    started = client.post(START, {"quiz_id": quiz.pk})
    attempt_id = started.json().get("id", 1)
    attempt = f"/api/courses/quiz-attempts/{attempt_id}/"
    question = questions_of(quiz)[0]
    bad = {"answers": [{"question_id": question.pk, "selected_option_id": 10**9, "text": "?"}]}
    return [
        started,
        client.post(START, {"quiz_id": quiz.pk}),
        client.post(START, {"quiz_id": "?"}),
        client.get(attempt),
        client.patch(attempt, {"answers": [{"question_id": question.pk, "selected_option_id": None}]}),
        client.patch(attempt, bad),
        client.post(f"{attempt}submit/", bad),
        client.get("/api/courses/quiz-attempts/"),
        client.get("/api/courses/quiz-attempts/", {"quiz": quiz.pk}),
        client.get("/api/courses/quizzes/"),
        client.get(f"/api/courses/quizzes/{quiz.pk}/"),
        client.get("/api/courses/questions/", {"quiz_id": quiz.pk}),
        client.get(f"/api/courses/questions/{question.pk}/"),
        client.patch(f"/api/courses/questions/{question.pk}/", {"points": 2}),
        client.get(f"/api/courses/courses/{course.pk}/"),
        client.get(f"/api/courses/contents/{quiz.content_id}/"),
        client.get("/api/courses/courses/", {"search": CANARY}),
        client.get("/api/courses/courses/", {"search": "Letters"}),
    ]


def test_no_page_holds_a_key_before_the_submit(
    course_and_quiz: tuple[Course, Quiz],
    client_for: ClientFor,
    bilal: CustomUser,
    chitra: CustomUser,
    anonymous: APIClient,
) -> None:
    for client in (client_for(bilal), client_for(chitra), anonymous):
        for page in pages_before_the_submit(client, *course_and_quiz):
            assert page.status_code < 500
            assert CANARY not in page.content.decode()


def test_open_attempt_has_none_of_the_fields_of_a_key(
    course_and_quiz: tuple[Course, Quiz], client_for: ClientFor, bilal: CustomUser
) -> None:
    started = client_for(bilal).post(START, {"quiz_id": course_and_quiz[1].pk}).json()
    assert not fields_in(started) & KEY_FIELDS


def test_canary_is_seen_once_the_attempt_is_submitted(
    course_and_quiz: tuple[Course, Quiz], client_for: ClientFor, bilal: CustomUser
) -> None:
    """The test of the tests: what they look for is really there, in each type's answer."""
    client, quiz = client_for(bilal), course_and_quiz[1]
    attempt_id = client.post(START, {"quiz_id": quiz.pk}).json()["id"]
    closed = client.post(f"/api/courses/quiz-attempts/{attempt_id}/submit/", {"answers": right_answers_to(quiz)}).json()
    assert len(closed["answers"]) == len(every_type())
    assert all(CANARY in json.dumps(answer) for answer in closed["answers"])
    assert CANARY in str([answer["correct"] for answer in closed["answers"]])


def test_statements_before_the_submit_read_no_key(
    course_and_quiz: tuple[Course, Quiz], client_for: ClientFor, bilal: CustomUser
) -> None:
    client, quiz = client_for(bilal), course_and_quiz[1]
    questions = questions_of(quiz)
    with CaptureQueriesContext(
        connection,
    ) as read:
        attempt_id = client.post(START, {"quiz_id": quiz.pk}).json()["id"]
        client.post(START, {"quiz_id": quiz.pk})
        client.patch(
            f"/api/courses/quiz-attempts/{attempt_id}/", {"answers": [{"question_id": questions[-1].pk, "text": "So."}]}
        )
    statements = [query["sql"] for query in read if '"courses_quizanswer"' not in query["sql"]]
    assert len(statements) > 10
    for statement in statements:
        assert not [column for column in KEY_COLUMNS if column in statement], statement


def test_second_attempt_at_a_quiz_is_as_silent_as_the_first(
    course_and_quiz: tuple[Course, Quiz], client_for: ClientFor, bilal: CustomUser
) -> None:
    client, quiz = client_for(bilal), course_and_quiz[1]
    first = client.post(START, {"quiz_id": quiz.pk}).json()["id"]
    client.post(f"/api/courses/quiz-attempts/{first}/submit/", {"answers": []})
    second = client.post(START, {"quiz_id": quiz.pk})
    assert second.json()["attempt_number"] == 2
    assert CANARY not in second.content.decode()


def test_order_that_is_shown_is_not_the_order_that_is_right(
    course_and_quiz: tuple[Course, Quiz], client_for: ClientFor, bilal: CustomUser
) -> None:
    """Eight steps shuffled twice, as rows and for the learner: as they are right once in 40,320 times."""
    client, quiz = client_for(bilal), course_and_quiz[1]
    ordering = Question.objects.get(quiz=quiz, question_type="ordering")
    right = list(QuestionOption.objects.filter(question=ordering).order_by("order").values_list("id", flat=True))
    shown: set[tuple[int, ...]] = set()
    for _attempt in range(3):
        started = client.post(START, {"quiz_id": quiz.pk}).json()
        [question] = [question for question in started["questions"] if question["id"] == ordering.pk]
        shown.add(tuple(option["id"] for option in question["options"]))
        client.post(f"/api/courses/quiz-attempts/{started['id']}/submit/", {"answers": []})
    assert len(shown - {tuple(right)}) > 1
