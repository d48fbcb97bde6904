"""Practice from the bank: what is drawn, in which order, what it never touches, and what it must not tell."""

import json
import random
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.selectors import Found, Wanted
from courses.assessment.services import TooManyOpen, assessments, draw_assessment, start_attempt, submit_attempt
from courses.assessment.services.assessments import MOST_OPEN, drawn
from courses.models import Content, Course, Enrollment, Progress, Question, Quiz, QuizAnswer, QuizAttempt
from e_learning.core.api.errors import ApiError, Conflict
from tests.conftest import ClientFor
from tests.courses.assessment.test_secrets import KEY_COLUMNS, KEY_FIELDS, fields_in
from tests.crowd import all_at_once
from tests.factories.courses import enroll, make_course
from tests.factories.quizzes import (
    CANARY,
    every_type,
    make_quiz,
    questions_of,
    right_answer,
    right_answers_to,
    true_false,
    wrong_answers_to,
)

pytestmark = pytest.mark.django_db
ASSESSMENTS = "/api/courses/assessments/"
ATTEMPTS = "/api/courses/quiz-attempts/"
START = f"{ATTEMPTS}start/"
LETTERS = {"subject": "Signs", "topic": "Letters", "count": 50}


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    """One question of every type on the letters of signs, in a course that Bilal is enrolled in."""
    course = make_course(asha, subject="Signs", grade="5")
    enroll(bilal, course)
    return quiz_on(course, every_type())


def quiz_on(course: Course, drafts: list[Any], *, topic: str = "Letters", **fields: Any) -> Quiz:
    made = make_quiz(course, drafts, **fields)
    Content.objects.filter(pk=made.content_id).update(topic=topic)
    return made


def draw(client: APIClient, **wanted: Any) -> dict[str, Any]:
    response = client.post(ASSESSMENTS, LETTERS | wanted)
    assert response.status_code == 201, response.content
    return dict(response.json())


def drawn_ids(body: dict[str, Any]) -> list[int]:
    return [question["id"] for question in body["questions"]]


def submit(client: APIClient, attempt: dict[str, Any], answers: list[dict[str, Any]]) -> Any:
    return client.post(f"{ATTEMPTS}{attempt['id']}/submit/", {"answers": answers})


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def ids_of(*quizzes: Quiz) -> set[int]:
    return {question.pk for quiz in quizzes for question in questions_of(quiz)}


# --- an attempt like others ---------------------------------------------------------------------


def test_assessment_is_an_attempt_without_a_quiz(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    body = draw(bilals)
    assert set(drawn_ids(body)) == ids_of(quiz)
    assert (body["quiz"], body["deadline"], body["status"], body["attempt_number"]) == (None, None, "open", 1)
    assert body["answers"] == []
    assert body["user"]["id"] == bilal.pk
    assert bilals.get(f"{ATTEMPTS}{body['id']}/").json() == body
    assert bilals.get(ATTEMPTS).json()["results"] == [body]
    assert draw(bilals)["attempt_number"] == 2


def test_it_is_saved_submitted_and_explained_like_a_quiz(quiz: Quiz, bilals: APIClient) -> None:
    attempt, answers = draw(bilals), right_answers_to(quiz)
    saved = bilals.patch(f"{ATTEMPTS}{attempt['id']}/", {"answers": answers[:4]})
    assert saved.status_code == 200
    closed = submit(bilals, attempt, answers[4:]).json()
    assert (closed["score"], closed["points_earned"], closed["points_total"]) == (72.7, 8, 11)
    assert (closed["quiz"], closed["passed"], closed["progress_percent"], closed["deadline"]) == (None,) * 4
    assert [answer["question_id"] for answer in closed["answers"]] == drawn_ids(attempt)
    assert all(CANARY in answer["explanation"] for answer in closed["answers"])
    assert bilals.get(f"{ATTEMPTS}{attempt['id']}/").json() == closed
    assert bilals.get(ATTEMPTS).json()["results"] == [closed]
    assert refusal(submit(bilals, attempt, [])) == (409, "already_submitted")


def test_it_touches_neither_progress_nor_attempts_at_the_quiz(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    Quiz.objects.update(max_attempts=2, passing_score=0)
    submit(bilals, draw(bilals), right_answers_to(quiz))
    assert not Progress.objects.exists()
    assert Enrollment.objects.get(user=bilal).completed_count == 0
    assert start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt.attempt_number == 1
    assert bilals.get(f"/api/courses/contents/{quiz.content_id}/").json()["quiz"]["attempts_used"] == 1


def test_question_removed_since_the_draw_is_no_longer_asked(quiz: Quiz, bilals: APIClient) -> None:
    attempt, answers = draw(bilals), right_answers_to(quiz)
    questions_of(quiz)[0].delete()
    assert len(bilals.get(f"{ATTEMPTS}{attempt['id']}/").json()["questions"]) == 7
    closed = submit(bilals, attempt, answers).json()
    assert (closed["points_earned"], closed["points_total"], len(closed["answers"])) == (7, 10, 7)


def test_what_was_drawn_may_be_submitted_after_the_enrolment_has_ended(quiz: Quiz, bilals: APIClient) -> None:
    attempt = draw(bilals)
    Enrollment.objects.update(is_active=False)
    assert submit(bilals, attempt, right_answers_to(quiz)).status_code == 200
    assert refusal(bilals.post(ASSESSMENTS, LETTERS)) == (409, "no_questions")


def test_the_same_idempotency_key_draws_once(quiz: Quiz, bilals: APIClient) -> None:
    first, again = (bilals.post(ASSESSMENTS, LETTERS, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2))
    assert first.json() == again.json()
    assert QuizAttempt.objects.count() == 1


# --- what is in the bank ------------------------------------------------------------------------


def test_bank_spans_all_courses_one_is_enrolled_in_and_no_others(
    quiz: Quiz, bilals: APIClient, bilal: CustomUser, asha: CustomUser
) -> None:
    second = quiz_on(make_course(asha, subject="signs"), [true_false("Second?")])
    quiz_on(make_course(asha, subject="Signs"), [true_false("Not mine?")])
    ended = quiz_on(make_course(asha, subject="Signs"), [true_false("Ended?")])
    enroll(bilal, second.content.module.course)
    enroll(bilal, ended.content.module.course, expiry_date=timezone.now() - timedelta(seconds=1))
    assert set(drawn_ids(draw(bilals))) == ids_of(quiz, second)


def test_owner_and_admin_practise_only_where_they_are_enrolled(
    quiz: Quiz, client_for: ClientFor, asha: CustomUser, admin: CustomUser, chitra: CustomUser
) -> None:
    for user in (asha, admin, chitra):
        assert refusal(client_for(user).post(ASSESSMENTS, LETTERS)) == (409, "no_questions")
    enroll(asha, Course.objects.get())
    assert set(drawn_ids(draw(client_for(asha)))) == ids_of(quiz)


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({"subject": "Signs", "topic": "letters"}, {"of the letters", "of vowels"}),
        ({"subject": "Signs", "topic": "Vowels"}, {"of vowels"}),
        ({"subject": "Signs", "topic": ""}, {"of the letters", "of vowels", "of numbers"}),
        ({"subject": "Mathematics", "topic": ""}, {"of numbers"}),
        ({"subject": "Signs", "topic": "", "grade": "6"}, {"of numbers"}),
        ({"subject": "Mathematics", "topic": "", "grade": None, "difficulty": None}, {"of numbers"}),
        ({"subject": "Signs", "topic": "", "grade": "5"}, {"of the letters", "of vowels", "of numbers"}),
        ({"subject": "Signs", "topic": "", "difficulty": "hard"}, {"of vowels"}),
        ({"subject": "Sign", "topic": ""}, set()),
        ({"subject": "Signs", "topic": "", "grade": "7"}, set()),
        ({"subject": "Sig%", "topic": ""}, set()),
    ],
)
def test_subject_topic_grade_and_difficulty_choose(
    wanted: dict[str, Any], texts: set[str], bilals: APIClient, asha: CustomUser, bilal: CustomUser
) -> None:
    course = make_course(asha, subject="Signs", grade="5")
    enroll(bilal, course)
    quiz_on(course, [true_false("of the letters"), true_false("of vowels", topic="Vowels", difficulty="hard")])
    numbers = quiz_on(course, [true_false("of numbers")], topic="Numbers")
    Content.objects.filter(pk=numbers.content_id).update(subject="Mathematics", grade="6")
    response = bilals.post(ASSESSMENTS, {"count": 50} | wanted)
    assert {question["question_text"] for question in response.json().get("questions", [])} == texts
    assert response.status_code == (201 if texts else 409)


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"subject": None}, "subject"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 101}, "subject"),
        ({"topic": None}, "topic"),
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),
        ({"count": 10**40}, "count"),
        ({"count": "many"}, "count"),
        ({"difficulty": "absurd"}, "difficulty"),
        ({"grade": ["5"]}, "grade"),
    ],
)
def test_malformed_wish_is_refused_and_named(change: dict[str, Any], attr: str, bilals: APIClient) -> None:
    response = bilals.post(ASSESSMENTS, LETTERS | change)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == attr


@pytest.mark.parametrize("name", ["subject", "topic", "count"])
def test_subject_topic_and_count_are_required(name: str, bilals: APIClient) -> None:
    response = bilals.post(ASSESSMENTS, {key: value for key, value in LETTERS.items() if key != name})
    assert (refusal(response), response.json()["errors"][0]["attr"]) == ((400, "required"), name)


# --- in which order -----------------------------------------------------------------------------


def test_least_recently_seen_come_first(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, subject="Signs")
    enroll(bilal, course)
    quiz_on(course, [true_false(f"{number}?") for number in range(6)])
    first, second, third = (drawn_ids(draw(bilals, count=2)) for _draw in range(3))
    assert len({*first, *second, *third}) == 6
    assert set(drawn_ids(draw(bilals, count=2))) == set(first)
    assert drawn_ids(draw(bilals, count=6))[:2] in ([*second], [*reversed(second)])


def test_attempts_at_quizzes_count_as_seen(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    course = quiz.content.module.course
    other = quiz_on(course, [true_false("Never asked?")])
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=[])
    assert set(drawn_ids(draw(bilals, count=1))) == ids_of(other)


def test_what_others_have_seen_does_not_count(quiz: Quiz, bilals: APIClient, chitra: CustomUser) -> None:
    enroll(chitra, Course.objects.get())
    now = timezone.now()
    wanted = Wanted("Signs", "Letters")
    hers = draw_assessment(learner=chitra, wanted=wanted, count=1, now=now, rng=random.Random(1))
    again = draw_assessment(learner=chitra, wanted=wanted, count=7, now=now, rng=random.Random(1))
    assert set(hers.shown.questions).isdisjoint(again.shown.questions)
    assert len(drawn_ids(draw(bilals))) == 8


def test_the_same_chance_draws_the_same(quiz: Quiz, bilal: CustomUser) -> None:
    wanted, layouts = Wanted("Signs", "Letters"), []
    for _draw in range(2):
        begun = draw_assessment(learner=bilal, wanted=wanted, count=5, rng=random.Random(7))
        layouts.append(begun.attempt.layout)
        begun.attempt.delete()
    assert layouts[0] == layouts[1]


_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_seen = st.none() | st.integers(0, 3).map(lambda hours: _MOMENT + timedelta(hours=hours))


@given(seen=st.lists(_seen, max_size=30), count=st.integers(1, 50), seed=st.integers())
def test_draw_takes_the_longest_unseen_once_each(seen: list[datetime | None], count: int, seed: int) -> None:
    found = [Found(number, at, 0, 0) for number, at in enumerate(seen)]
    taken = drawn(found, count, random.Random(seed))
    assert len(set(taken)) == len(taken) == min(count, len(found))
    times = [(seen[number] is not None, seen[number]) for number in taken]
    assert times == sorted(times, key=lambda time: (time[0], time[1] or _MOMENT))
    left = [at for number, at in enumerate(seen) if number not in taken]
    assert not taken or all((at is not None, at or _MOMENT) >= (times[-1][0], times[-1][1] or _MOMENT) for at in left)


def test_among_equals_each_question_has_the_same_chance() -> None:
    found = [Found(number, None, 0, 0) for number in range(4)]
    rng, times = random.Random(0), dict.fromkeys(range(4), 0)
    for _draw in range(4000):
        [taken] = drawn(found, 1, rng)
        times[taken] += 1
    assert all(900 < counted < 1100 for counted in times.values())


# --- what it must not tell ----------------------------------------------------------------------


def test_open_assessment_tells_no_key(quiz: Quiz, bilals: APIClient) -> None:
    with CaptureQueriesContext(connection) as read:
        attempt = draw(bilals)
        bilals.patch(f"{ATTEMPTS}{attempt['id']}/", {"answers": []})
        pages = [bilals.get(f"{ATTEMPTS}{attempt['id']}/"), bilals.get(ATTEMPTS)]
    assert not fields_in(attempt) & KEY_FIELDS
    assert not [page for page in pages if CANARY in page.content.decode()]
    for statement in (query["sql"] for query in read):
        is_of_own_answers = '"courses_quizanswer"."response"' in statement or 'INTO "courses_quizanswer"' in statement
        assert is_of_own_answers or not [column for column in KEY_COLUMNS if column in statement], statement


def test_questions_of_a_running_quiz_are_not_drawn(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    assert refusal(bilals.post(ASSESSMENTS, LETTERS)) == (409, "no_questions")
    QuizAttempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(seconds=1))
    assert set(drawn_ids(draw(bilals))) == ids_of(quiz)


def test_quiz_that_may_be_taken_once_is_practised_after_it_was_taken(
    quiz: Quiz, bilals: APIClient, bilal: CustomUser
) -> None:
    Quiz.objects.update(max_attempts=1)
    assert refusal(bilals.post(ASSESSMENTS, LETTERS)) == (409, "no_questions")
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    assert refusal(bilals.post(ASSESSMENTS, LETTERS)) == (409, "no_questions")
    submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=[])
    assert set(drawn_ids(draw(bilals))) == ids_of(quiz)


def test_submit_waits_while_a_quiz_asks_the_same(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    attempt = draw(bilals, count=1)
    taken = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    answers = [right_answer(Question.objects.get(pk=drawn_ids(attempt)[0]))]
    refused = submit(bilals, attempt, answers)
    assert refusal(refused) == (409, "quiz_is_running")
    assert CANARY not in refused.content.decode()
    assert bilals.get(f"{ATTEMPTS}{attempt['id']}/").json()["status"] == "open"
    submit_attempt(learner=bilal, attempt_id=taken.pk, answers=[])
    assert submit(bilals, attempt, answers).status_code == 200


def test_a_closed_assessment_withholds_what_a_running_quiz_asks(
    quiz: Quiz, bilals: APIClient, bilal: CustomUser, asha: CustomUser
) -> None:
    other = quiz_on(quiz.content.module.course, [true_false("Another quiz?")])
    attempt = draw(bilals)
    closed = submit(bilals, attempt, right_answers_to(quiz)).json()
    taken = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    for page in (bilals.get(f"{ATTEMPTS}{attempt['id']}/").json(), bilals.get(ATTEMPTS).json()["results"][1]):
        assert {answer["question_id"] for answer in page["answers"]} == ids_of(other)
        assert CANARY not in json.dumps(page)
    submit_attempt(learner=bilal, attempt_id=taken.pk, answers=[])
    assert bilals.get(f"{ATTEMPTS}{attempt['id']}/").json() == closed


def test_only_the_learner_and_admins_see_an_assessment(
    quiz: Quiz, bilals: APIClient, client_for: ClientFor, asha: CustomUser, admin: CustomUser, chitra: CustomUser
) -> None:
    attempt = draw(bilals)
    address = f"{ATTEMPTS}{attempt['id']}/"
    for user in (asha, chitra):
        client = client_for(user)
        assert client.get(address).status_code == 404
        assert client.get(ATTEMPTS).json()["count"] == 0
        assert client.get(ATTEMPTS, {"quiz": quiz.pk}).json()["count"] == 0
        assert client.patch(address, {"answers": []}).status_code == 404
        assert submit(client, attempt, []).status_code == 404
    assert client_for(admin).get(address).json() == attempt
    assert submit(client_for(admin), attempt, []).status_code == 404


# --- how many -----------------------------------------------------------------------------------


def test_too_many_open_ones_are_refused(quiz: Quiz, bilals: APIClient) -> None:
    for _number in range(MOST_OPEN):
        last = draw(bilals, count=1)
    assert refusal(bilals.post(ASSESSMENTS, LETTERS)) == (409, "too_many_open")
    submit(bilals, last, [])
    assert draw(bilals, count=1)["attempt_number"] == MOST_OPEN + 1


def test_the_database_keeps_the_numbers_apart_and_the_quiz_with_its_enrolment(quiz: Quiz, bilal: CustomUser) -> None:
    begun = draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=1).attempt
    fields = {"user": bilal, "attempt_number": 2, "started_at": timezone.now()}
    for wrong in ({"attempt_number": begun.attempt_number}, {"quiz": quiz}, {"enrollment": Enrollment.objects.get()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            QuizAttempt.objects.create(**(fields | wrong))


def costs(bilals: APIClient, count: int) -> dict[str, int]:
    with CaptureQueriesContext(connection) as drawing:
        attempt = draw(bilals, count=count)
    answers = [right_answer(Question.objects.get(pk=id_)) for id_ in drawn_ids(attempt)]
    with CaptureQueriesContext(connection) as submitting:
        assert submit(bilals, attempt, answers).status_code == 200
    with CaptureQueriesContext(connection) as listing:
        assert bilals.get(ATTEMPTS).json()["results"]
    return {"draw": len(drawing), "submit": len(submitting), "list": len(listing)}


@pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT count too
def test_statements_are_few_and_the_same_for_one_question_and_for_eight(quiz: Quiz, bilals: APIClient) -> None:
    assert costs(bilals, 1) == costs(bilals, 8) == costs(bilals, 3) == {"draw": 8, "submit": 10, "list": 7}


def draws_at_once(bilal: CustomUser, quiz: Quiz) -> list[Any]:
    return all_at_once(*[lambda: draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=1)] * 6)


@pytest.mark.django_db(transaction=True)
def test_draws_at_once_never_pass_the_limit(quiz: Quiz, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments, "MOST_OPEN", 3)
    for _round in range(5):
        outcomes = draws_at_once(bilal, quiz)
        assert {type(one) for one in outcomes if isinstance(one, ApiError)} <= {TooManyOpen, Conflict}
        assert QuizAttempt.objects.filter(status="open").count() == 3
        QuizAttempt.objects.all().delete()
        assert not QuizAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_they_pass_it(quiz: Quiz, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments, "MOST_OPEN", 3)
    begin, number, all_have_counted = assessments._begin, iter(range(1, 7)), Barrier(6, timeout=60)

    def begin_under_a_number_of_its_own(learner: CustomUser, ids: list[int], _number: int, *rest: Any) -> Any:
        all_have_counted.wait()
        return begin(learner, ids, next(number), *rest)  # so that no two meet the constraint

    monkeypatch.setattr(assessments, "_begin", begin_under_a_number_of_its_own)
    draws_at_once(bilal, quiz)
    assert QuizAttempt.objects.filter(status="open").count() == 6


def test_wrong_answers_earn_nothing(quiz: Quiz, bilals: APIClient) -> None:
    closed = submit(bilals, draw(bilals), wrong_answers_to(quiz)).json()
    assert (closed["score"], closed["points_earned"]) == (0.0, 0)
