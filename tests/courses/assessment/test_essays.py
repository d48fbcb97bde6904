"""Essays graded by hand: the score that follows, what it completes, who may, and two graders at once."""

from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.kinds import QuestionDraft
from courses.assessment.selectors import Wanted
from courses.assessment.services import PointsOutOfRange, draw_assessment, essays, grade_essay
from courses.events import AttemptGraded, ContentCompleted
from courses.models import Course, Enrollment, EssayAnswer, Progress, Question, Quiz, QuizAnswer, QuizAttempt
from e_learning.core.api.errors import NotThere
from e_learning.core.events import listens_to
from tests.conftest import ClientFor
from tests.crowd import all_at_once
from tests.factories.courses import enroll, make_course
from tests.factories.people import person
from tests.factories.quizzes import course_with_quiz, make_quiz, questions_of, right_answers_to, true_false

pytestmark = pytest.mark.django_db
ATTEMPTS = "/api/courses/quiz-attempts/"
ESSAYS = "/admin/courses/essayanswer/"
ESSAY = QuestionDraft("Tell us", "essay", points=3)


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    """A true or false question for one point and an essay for three: it is passed by the essay only."""
    course, quiz = course_with_quiz(asha, [true_false(), ESSAY], passing_score=70)
    enroll(bilal, course)
    return quiz


@pytest.fixture
def essay(quiz: Quiz, bilals: APIClient) -> QuizAnswer:
    return hand_in(bilals, quiz)


@pytest.fixture
def told() -> Any:
    """What was announced of grading and completing, in order."""
    heard: list[Any] = []
    listening = [True]
    for event in (AttemptGraded, ContentCompleted):
        listens_to(event)(lambda one: heard.append(one) if listening[0] else None)
    yield heard
    listening[0] = False


def hand_in(client: APIClient, quiz: Quiz) -> QuizAnswer:
    attempt = client.post(f"{ATTEMPTS}start/", {"quiz_id": quiz.pk}).json()
    assert client.post(f"{ATTEMPTS}{attempt['id']}/submit/", {"answers": right_answers_to(quiz)}).status_code == 200
    return QuizAnswer.objects.get(attempt=attempt["id"], question__question_type="essay")


def grade(grader: CustomUser, essay: QuizAnswer, points: Any, feedback: str = "", **kwargs: Any) -> EssayAnswer:
    return grade_essay(grader=grader, answer_id=essay.pk, points=Decimal(points), feedback=feedback, **kwargs)


def outcome(essay: QuizAnswer) -> tuple[Any, ...]:
    attempt, answer = QuizAttempt.objects.get(pk=essay.attempt_id), QuizAnswer.objects.get(pk=essay.pk)
    return answer.is_correct, float(answer.points_earned), float(attempt.score or 0), attempt.passed


def test_score_follows_the_grade_and_the_learner_sees_it(
    quiz: Quiz, essay: QuizAnswer, asha: CustomUser, bilals: APIClient
) -> None:
    before = bilals.get(f"{ATTEMPTS}{essay.attempt_id}/").json()
    assert (before["score"], before["passed"], before["answers"][1]["is_correct"]) == (25.0, False, None)
    grade(asha, essay, 2, "Nearly.")
    body = bilals.get(f"{ATTEMPTS}{essay.attempt_id}/").json()
    assert (body["score"], body["points_earned"], body["points_total"], body["passed"]) == (75.0, 3, 4, True)
    answer = body["answers"][1]
    assert (answer["is_correct"], answer["points_earned"], answer["feedback"]) == (False, 2, "Nearly.")
    assert body["progress_percent"] == 25.0
    grade(asha, essay, 3)
    assert outcome(essay) == (True, 3.0, 100.0, True)


def test_content_is_completed_when_the_grade_passes_it(quiz: Quiz, essay: QuizAnswer, asha: CustomUser) -> None:
    grade(asha, essay, "1.75")
    assert outcome(essay) == (False, 1.75, 68.8, False)
    assert not Progress.objects.exists()
    now = timezone.now()
    grade(asha, essay, "1.8", now=now)
    assert outcome(essay) == (False, 1.8, 70.0, True)
    assert Progress.objects.get().completed_at == now
    assert Enrollment.objects.get().completed_count == 1


def test_a_pass_taken_back_leaves_what_was_completed(quiz: Quiz, essay: QuizAnswer, asha: CustomUser) -> None:
    grade(asha, essay, 3)
    grade(asha, essay, 0)
    assert outcome(essay) == (False, 0.0, 25.0, False)
    assert Progress.objects.get().is_completed
    assert Enrollment.objects.get().completed_count == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_announced_once_for_each_grade(quiz: Quiz, essay: QuizAnswer, asha: CustomUser, told: list[Any]) -> None:
    now = timezone.now()
    for points, feedback in ((3, ""), (3, ""), (3, "Well said."), (0, "Well said.")):
        grade(asha, essay, points, feedback, now=now)
    attempt = QuizAttempt.objects.get()
    graded = AttemptGraded(user_id=attempt.user_id, attempt_id=attempt.pk, at=now)
    completed = ContentCompleted(enrollment_id=attempt.enrollment_id or 0, content_id=quiz.content_id, at=now)
    assert sorted(told, key=str) == [graded, graded, graded, completed]


@pytest.mark.parametrize("points", ["-0.01", "3.01", "0.001", "NaN", "Infinity", "-Infinity", "1e40"])
def test_points_out_of_range_are_refused(points: str, essay: QuizAnswer, asha: CustomUser) -> None:
    with pytest.raises(PointsOutOfRange):
        grade(asha, essay, points)
    assert outcome(essay) == (None, 0.0, 25.0, False)


def test_an_attempt_gives_no_more_than_it_had_to_give(quiz: Quiz, essay: QuizAnswer, asha: CustomUser) -> None:
    Question.objects.filter(question_type="essay").update(points=1000)
    with pytest.raises(PointsOutOfRange):
        grade(asha, essay, 4)
    grade(asha, essay, 3)
    assert outcome(essay) == (False, 3.0, 100.0, True)


def test_an_answer_gone_with_its_question_keeps_its_points_in_the_score(
    quiz: Quiz, essay: QuizAnswer, asha: CustomUser
) -> None:
    questions_of(quiz)[0].delete()
    grade(asha, essay, 3)
    assert outcome(essay) == (True, 3.0, 100.0, True)


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_a_blank_essay_is_wrong_and_may_still_be_graded(
    text: str | None, quiz: Quiz, bilals: APIClient, asha: CustomUser
) -> None:
    attempt = bilals.post(f"{ATTEMPTS}start/", {"quiz_id": quiz.pk}).json()
    answers = [{"question_id": questions_of(quiz)[1].pk, "text": text}]
    body = bilals.post(f"{ATTEMPTS}{attempt['id']}/submit/", {"answers": answers}).json()
    assert [answer["is_correct"] for answer in body["answers"]] == [False, False]
    essay = QuizAnswer.objects.get(question__question_type="essay")
    grade(asha, essay, 1)
    assert outcome(essay) == (False, 1.0, 25.0, False)


def test_only_essays_of_closed_attempts_in_own_courses_are_graded(
    quiz: Quiz, essay: QuizAnswer, bilals: APIClient, bilal: CustomUser, chitra: CustomUser, asha: CustomUser
) -> None:
    other_teacher = person("admin", role="instructor")
    for stranger in (bilal, chitra, other_teacher):
        with pytest.raises(NotThere):
            grade(stranger, essay, 3)
    with pytest.raises(NotThere):
        grade(asha, QuizAnswer.objects.get(question__question_type="true_false"), 1)
    running = bilals.post(f"{ATTEMPTS}start/", {"quiz_id": quiz.pk}).json()
    bilals.patch(f"{ATTEMPTS}{running['id']}/", {"answers": right_answers_to(quiz)})
    with pytest.raises(NotThere):
        grade(asha, QuizAnswer.objects.get(attempt=running["id"], question__question_type="essay"), 1)
    assert outcome(essay) == (None, 0.0, 25.0, False)


def test_an_admin_grades_everywhere(essay: QuizAnswer, admin: CustomUser) -> None:
    grade(admin, essay, 3)
    assert outcome(essay) == (True, 3.0, 100.0, True)


def test_essay_of_an_assessment_is_graded_by_the_owner_of_its_question(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser
) -> None:
    colleague = person("admin", role="instructor")
    for teacher in (asha, colleague):
        course = make_course(teacher, subject="Signs")
        make_quiz(course, [ESSAY])
        enroll(bilal, course)
    attempt = draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=2).attempt
    answers = [{"question_id": question.pk, "text": "So."} for question in Question.objects.all()]
    assert bilals.post(f"{ATTEMPTS}{attempt.pk}/submit/", {"answers": answers}).status_code == 200
    mine = QuizAnswer.objects.get(question__quiz__content__module__course__instructor=asha)
    with pytest.raises(NotThere):
        grade(colleague, mine, 3)
    grade(asha, mine, 3)
    assert outcome(mine) == (True, 3.0, 50.0, None)
    assert not Progress.objects.exists()


@pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT count too
def test_grading_takes_few_statements(
    essay: QuizAnswer, asha: CustomUser, on_postgresql: bool, tasks_wait: None
) -> None:
    taken = []
    for points in (1, 3, 3):
        with CaptureQueriesContext(connection) as statements:
            grade(asha, essay, points)
        taken.append(len(statements))
    # Not passed; passed, and so completed (step by step on SQLite); the same again.
    assert taken == [6, 8 if on_postgresql else 13, 4]


# --- at once ------------------------------------------------------------------------------------


@pytest.fixture
def two_essays(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> list[QuizAnswer]:
    course, quiz = course_with_quiz(asha, [true_false(), ESSAY, ESSAY], passing_score=100)
    enroll(bilal, course)
    return list(QuizAnswer.objects.filter(attempt=hand_in_all(bilals, quiz), question__question_type="essay"))


def hand_in_all(client: APIClient, quiz: Quiz) -> int:
    attempt_id: int = client.post(f"{ATTEMPTS}start/", {"quiz_id": quiz.pk}).json()["id"]
    client.post(f"{ATTEMPTS}{attempt_id}/submit/", {"answers": right_answers_to(quiz)})
    return attempt_id


def is_whole(attempt_id: int) -> bool:
    attempt = QuizAttempt.objects.get(pk=attempt_id)
    earned = sum(answer.points_earned for answer in QuizAnswer.objects.filter(attempt=attempt))
    return attempt.points_earned == earned and attempt.passed == (earned == attempt.points_total)


@pytest.mark.django_db(transaction=True)
def test_graders_at_once_leave_no_mixed_state(two_essays: list[QuizAnswer], asha: CustomUser) -> None:
    first, second = two_essays
    for number in range(10):
        points = (number % 4, 3, (number + 1) % 4, 3)
        all_at_once(
            *[lambda given=given: grade(asha, first, given) for given in points],
            *[lambda given=given: grade(asha, second, given) for given in points],
        )
        assert is_whole(first.attempt_id)
    all_at_once(lambda: grade(asha, first, 3), lambda: grade(asha, second, 3))
    assert QuizAttempt.objects.get().passed
    assert Enrollment.objects.get().completed_count == 1


@pytest.mark.django_db(transaction=True)
def test_without_holding_the_attempt_a_grade_is_lost(
    two_essays: list[QuizAnswer], asha: CustomUser, monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: its BEGIN IMMEDIATE holds the attempt too")
    both_have_read, change = Barrier(2, timeout=10), essays._change_score

    def change_after_both_have_read(*args: Any, **kwargs: Any) -> None:
        both_have_read.wait()
        change(*args, **kwargs)

    monkeypatch.setattr(essays, "_hold_attempt_of", lambda answer_id: None)
    monkeypatch.setattr(essays, "_change_score", change_after_both_have_read)
    all_at_once(*[lambda essay=essay: grade(asha, essay, 3) for essay in two_essays])
    assert not is_whole(two_essays[0].attempt_id)


@pytest.mark.django_db(transaction=True)
def test_who_holds_the_attempt_keeps_others_from_reading_it(
    two_essays: list[QuizAnswer], asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with the guard in place: nobody else gets as far as the barrier, so it breaks."""
    both_have_read, change = Barrier(2, timeout=0.2), essays._change_score

    def change_after_both_have_read(*args: Any, **kwargs: Any) -> None:
        with pytest.raises(BrokenBarrierError):
            both_have_read.wait()
        change(*args, **kwargs)

    monkeypatch.setattr(essays, "_change_score", change_after_both_have_read)
    all_at_once(*[lambda essay=essay: grade(asha, essay, 3) for essay in two_essays])
    assert is_whole(two_essays[0].attempt_id)


# --- in the back office -------------------------------------------------------------------------


def office_of(user: CustomUser) -> Client:
    if not user.is_admin:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        user.groups.add(Group.objects.get(name="instructor"))
    client = Client()
    client.force_login(user)
    return client


def test_an_instructor_grades_on_a_page_of_the_admin(essay: QuizAnswer, asha: CustomUser) -> None:
    office = office_of(asha)
    assert "Tell us" in office.get(ESSAYS, {"state": "waiting"}).content.decode()
    page = office.get(f"{ESSAYS}{essay.pk}/change/").content.decode()
    assert "My thoughts." in page
    body = {"points_earned": "3", "feedback": "Well said."}
    assert office.post(f"{ESSAYS}{essay.pk}/change/", body).status_code == 302
    assert outcome(essay) == (True, 3.0, 100.0, True)
    assert QuizAnswer.objects.get(pk=essay.pk).feedback == "Well said."
    assert "Tell us" in office.get(ESSAYS, {"state": "graded"}).content.decode()
    assert "Tell us" not in office.get(ESSAYS, {"state": "waiting"}).content.decode()


@pytest.mark.parametrize("points", ["", "4", "-1", "NaN", "many", "0.001", "9" * 400])
def test_the_page_refuses_what_the_service_would(points: str, essay: QuizAnswer, asha: CustomUser) -> None:
    answer = office_of(asha).post(f"{ESSAYS}{essay.pk}/change/", {"points_earned": points, "feedback": ""})
    assert answer.status_code == 200
    assert outcome(essay) == (None, 0.0, 25.0, False)


def test_an_instructor_sees_essays_of_own_courses_only(essay: QuizAnswer, asha: CustomUser) -> None:
    colleague = office_of(person("admin", role="instructor"))
    assert "Tell us" not in colleague.get(ESSAYS).content.decode()
    body = {"points_earned": "3", "feedback": ""}
    assert colleague.post(f"{ESSAYS}{essay.pk}/change/", body).status_code == 302  # to the start page: not there
    assert outcome(essay) == (None, 0.0, 25.0, False)
    for address in (f"{ESSAYS}add/", f"{ESSAYS}{essay.pk}/delete/"):
        assert office_of(asha).post(address, {"post": "yes"}).status_code == 403


def test_what_an_essay_says_is_text_and_no_page(quiz: Quiz, bilals: APIClient, asha: CustomUser) -> None:
    attempt = bilals.post(f"{ATTEMPTS}start/", {"quiz_id": quiz.pk}).json()
    answers = [{"question_id": questions_of(quiz)[1].pk, "text": "<script>alert(1)</script>"}]
    bilals.post(f"{ATTEMPTS}{attempt['id']}/submit/", {"answers": answers})
    essay = QuizAnswer.objects.get(question__question_type="essay")
    page = office_of(asha).get(f"{ESSAYS}{essay.pk}/change/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_list_costs_the_same_for_one_and_for_three(
    quiz: Quiz, bilals: APIClient, asha: CustomUser, client_for: ClientFor
) -> None:
    office, taken = office_of(asha), []
    for number in range(3):
        learner = person(f"learner{number}")
        enroll(learner, Course.objects.get())
        hand_in(client_for(learner), quiz)
        office.get(ESSAYS)  # content types are looked up once a process
        with CaptureQueriesContext(connection) as statements:
            assert office.get(ESSAYS).content.decode().count("0 / 3") == number + 1
        taken.append(len(statements))
    assert len(set(taken)) == 1
