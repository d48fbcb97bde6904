"""Attempts from start to end, for those they belong to and for those they don't."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.services import add_questions, close_expired_attempts
from courses.models import Course, Enrollment, Progress, Question, QuestionOption, Quiz, QuizAnswer, QuizAttempt
from tests.conftest import ClientFor
from tests.factories.courses import enroll, make_course
from tests.factories.quizzes import (
    course_with_quiz,
    every_type,
    make_quiz,
    questions_of,
    right_answer,
    right_answers_to,
    true_false,
    wrong_answer,
    wrong_answers_to,
)

pytestmark = pytest.mark.django_db
START = "/api/courses/quiz-attempts/start/"
ATTEMPTS = "/api/courses/quiz-attempts/"


def attempt_address(attempt_id: int, end: str = "") -> str:
    return f"{ATTEMPTS}{attempt_id}/{end}"


def code_of(response: Any) -> str:
    return str(response.json()["errors"][0]["code"])


def start(client: APIClient, quiz: Quiz) -> dict[str, Any]:
    response = client.post(START, {"quiz_id": quiz.pk})
    assert response.status_code in {200, 201}, response.content
    return dict(response.json())


def submit(client: APIClient, attempt: dict[str, Any], answers: list[dict[str, Any]]) -> Any:
    return client.post(attempt_address(attempt["id"], "submit/"), {"answers": answers})


def let_time_pass(attempt_id: int) -> None:
    QuizAttempt.objects.filter(pk=attempt_id).update(deadline=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    """A quiz with one question of every type, in a course that Bilal is enrolled in."""
    course, quiz = course_with_quiz(asha, every_type(), passing_score=70, time_limit=600, max_attempts=2)
    enroll(bilal, course)
    return quiz


def test_started_attempt_asks_every_question_and_starts_the_clock(quiz: Quiz, bilals: APIClient) -> None:
    response = bilals.post(START, {"quiz_id": quiz.pk})
    body = response.json()
    assert response.status_code == 201
    assert body["attempt_number"] == 1
    assert body["quiz"] == {"id": quiz.pk, "title": "Quiz", "passing_score": 70, "time_limit": 600, "max_attempts": 2}
    row = QuizAttempt.objects.get(pk=body["id"])
    assert row.deadline == row.started_at + timedelta(seconds=600)
    assert [question["question_type"] for question in body["questions"]] == [d.question_type for d in every_type()]
    by_type = {question["question_type"]: question for question in body["questions"]}
    assert [option["option_text"] for option in by_type["multiple_choice"]["options"]] == ["no", "yes", "nor"]
    assert sorted(side["text"] for side in by_type["matching"]["left"]) == [f"left {i}" for i in range(8)]
    assert sorted(side["text"] for side in by_type["matching"]["right"]) == [f"right {i}" for i in range(8)]
    assert set(by_type["essay"]) == {"id", "question_text", "question_type", "points"}


def test_running_attempt_is_handed_back_as_it_was_laid_out(quiz: Quiz, bilals: APIClient) -> None:
    first = start(bilals, quiz)
    again = bilals.post(START, {"quiz_id": quiz.pk})
    assert again.status_code == 200
    assert again.json() == first


def test_all_right_passes_and_completes_the_content(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    attempt = start(bilals, quiz)
    body = submit(bilals, attempt, right_answers_to(quiz)).json()
    # The essay's 3 of 11 points wait for a person.
    assert (body["points_earned"], body["points_total"], body["score"], body["passed"]) == (8, 11, 72.7, True)
    assert [answer["is_correct"] for answer in body["answers"]] == [True] * 7 + [None]
    assert body["progress_percent"] == 25.0
    assert Progress.objects.get(enrollment__user=bilal).content_id == quiz.content_id
    assert Enrollment.objects.get(user=bilal).completed_count == 1


def test_all_wrong_fails_and_completes_nothing(quiz: Quiz, bilals: APIClient) -> None:
    body = submit(bilals, start(bilals, quiz), wrong_answers_to(quiz)).json()
    assert (body["points_earned"], body["score"], body["passed"], body["progress_percent"]) == (0, 0.0, False, 0.0)
    assert not Progress.objects.exists()


def test_submit_tells_what_was_right_and_why(quiz: Quiz, bilals: APIClient) -> None:
    body = submit(bilals, start(bilals, quiz), wrong_answers_to(quiz)).json()
    for question, answer in zip(questions_of(quiz), body["answers"], strict=True):
        assert answer["explanation"].startswith("Because of")
        right = {name: value for name, value in right_answer(question).items() if name != "question_id"}
        if question.question_type == "fill_in_blank":
            assert answer["correct"] == {"text": question.key.accepted_answers}
        elif question.question_type == "numeric":
            assert answer["correct"] == {"number": 42.5, "tolerance": 0.5}
        elif question.question_type == "essay":
            assert answer["correct"] is None
        else:
            assert answer["correct"] == right


def test_unanswered_questions_are_wrong_and_have_their_row(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    body = submit(bilals, attempt, []).json()
    assert [answer["is_correct"] for answer in body["answers"]] == [False] * 8
    assert QuizAnswer.objects.filter(attempt=attempt["id"]).count() == 8


def test_submit_twice_is_refused_and_changes_nothing(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    first = submit(bilals, attempt, wrong_answers_to(quiz)).json()
    again = submit(bilals, attempt, right_answers_to(quiz))
    assert (again.status_code, code_of(again)) == (409, "already_submitted")
    assert bilals.get(attempt_address(attempt["id"])).json() == first


def test_closed_attempt_is_read_as_its_submit_gave_it(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    submitted = submit(bilals, attempt, right_answers_to(quiz)).json()
    assert bilals.get(attempt_address(attempt["id"])).json() == submitted
    assert bilals.get(ATTEMPTS).json()["results"] == [submitted]


def test_what_was_saved_is_handed_back_as_it_was_sent(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    answers = right_answers_to(quiz)
    saved = bilals.patch(attempt_address(attempt["id"]), {"answers": answers})
    assert saved.status_code == 200
    assert saved.json() == {"id": attempt["id"], "answers": answers}
    assert bilals.get(attempt_address(attempt["id"])).json() == attempt | {"answers": answers}
    assert start(bilals, quiz)["answers"] == answers


def test_submit_overrides_what_was_saved_and_keeps_the_rest(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    bilals.patch(attempt_address(attempt["id"]), {"answers": right_answers_to(quiz)})
    body = submit(bilals, attempt, [wrong_answer(questions_of(quiz)[0])]).json()
    assert [answer["is_correct"] for answer in body["answers"]] == [False] + [True] * 6 + [None]


def test_saved_answer_can_be_taken_back(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    question = questions_of(quiz)[0]
    bilals.patch(attempt_address(attempt["id"]), {"answers": [right_answer(question)]})
    bilals.patch(
        attempt_address(attempt["id"]), {"answers": [{"question_id": question.pk, "selected_option_id": None}]}
    )
    assert bilals.get(attempt_address(attempt["id"])).json()["answers"] == []


def test_saving_after_the_submit_is_refused(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    submit(bilals, attempt, [])
    late = bilals.patch(attempt_address(attempt["id"]), {"answers": right_answers_to(quiz)})
    assert (late.status_code, code_of(late)) == (409, "already_submitted")


# --- the deadline -------------------------------------------------------------------------------


def test_submit_after_the_deadline_grades_only_what_was_saved(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    bilals.patch(attempt_address(attempt["id"]), {"answers": [right_answer(questions_of(quiz)[0])]})
    let_time_pass(attempt["id"])
    late = submit(bilals, attempt, right_answers_to(quiz))
    assert late.status_code == 200
    assert [answer["is_correct"] for answer in late.json()["answers"]] == [True] + [False] * 7
    row = QuizAttempt.objects.get(pk=attempt["id"])
    assert row.completed_at == row.deadline
    again = submit(bilals, attempt, right_answers_to(quiz))
    assert (again.status_code, code_of(again)) == (409, "already_submitted")


def test_late_submit_answers_the_same_whether_or_not_the_sweep_was_first(quiz: Quiz, bilals: APIClient) -> None:
    bodies = []
    for sweeps in (False, True):
        attempt = start(bilals, quiz)
        bilals.patch(attempt_address(attempt["id"]), {"answers": [right_answer(questions_of(quiz)[0])]})
        let_time_pass(attempt["id"])
        if sweeps:
            assert close_expired_attempts() == 1
        bodies.append(submit(bilals, attempt, right_answers_to(quiz)).json())
        assert code_of(submit(bilals, attempt, [])) == "already_submitted"
    assert bodies[0]["answers"] == bodies[1]["answers"]
    assert bodies[0]["score"] == bodies[1]["score"]


def test_saving_after_the_deadline_is_refused(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    let_time_pass(attempt["id"])
    for _before_and_after_the_sweep in range(2):
        late = bilals.patch(attempt_address(attempt["id"]), {"answers": right_answers_to(quiz)})
        assert (late.status_code, code_of(late)) == (409, "deadline_passed")
        close_expired_attempts()
    assert QuizAttempt.objects.get(pk=attempt["id"]).points_earned == 0


@pytest.mark.parametrize("met_by", ["detail", "list", "start", "sweep"])
def test_attempt_past_its_deadline_is_closed_by_whoever_meets_it(met_by: str, quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    bilals.patch(attempt_address(attempt["id"]), {"answers": right_answers_to(quiz)})
    let_time_pass(attempt["id"])
    if met_by == "detail":
        assert bilals.get(attempt_address(attempt["id"])).json()["score"] == 72.7
    elif met_by == "list":
        assert bilals.get(ATTEMPTS).json()["results"][0]["score"] == 72.7
    elif met_by == "start":
        assert start(bilals, quiz)["attempt_number"] == 2
    else:
        assert close_expired_attempts() == 1
        assert close_expired_attempts() == 0
    row = QuizAttempt.objects.get(pk=attempt["id"])
    assert (row.status, row.passed) == ("expired", True)
    assert Progress.objects.filter(content=quiz.content_id, is_completed=True).count() == 1


def test_one_attempt_that_cannot_be_graded_does_not_keep_others_open(
    quiz: Quiz, bilals: APIClient, asha: CustomUser, bilal: CustomUser
) -> None:
    first = start(bilals, quiz)
    other = make_quiz(make_course(asha))
    enroll(bilal, other.content.module.course)
    second = start(bilals, other)
    for attempt in (first, second):
        let_time_pass(attempt["id"])
    QuizAttempt.objects.filter(pk=first["id"]).update(layout={"questions": [{"no": "id"}]})
    assert close_expired_attempts(batch=1) == 1
    assert QuizAttempt.objects.get(pk=first["id"]).status == "open"
    assert QuizAttempt.objects.get(pk=second["id"]).status == "expired"


def test_edited_time_limit_leaves_a_running_attempt_its_deadline(
    quiz: Quiz, bilals: APIClient, client_for: ClientFor, asha: CustomUser
) -> None:
    attempt = start(bilals, quiz)
    client_for(asha).patch(f"/api/courses/quizzes/{quiz.pk}/", {"time_limit": 1})
    assert start(bilals, quiz)["deadline"] == attempt["deadline"]


# --- how many -----------------------------------------------------------------------------------


def test_no_attempts_are_left_after_max_attempts(quiz: Quiz, bilals: APIClient) -> None:
    for number in (1, 2):
        attempt = start(bilals, quiz)
        assert attempt["attempt_number"] == number
        submit(bilals, attempt, [])
    refused = bilals.post(START, {"quiz_id": quiz.pk})
    assert (refused.status_code, code_of(refused)) == (409, "no_attempts_left")


def test_attempt_that_staff_removed_leaves_room_for_another(quiz: Quiz, bilals: APIClient) -> None:
    for _number in (1, 2):
        submit(bilals, start(bilals, quiz), [])
    QuizAttempt.objects.get(attempt_number=1).delete()
    assert start(bilals, quiz)["attempt_number"] == 3


def test_quiz_without_questions_cannot_be_started(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course, quiz = course_with_quiz(asha, [])
    enroll(bilal, course)
    refused = bilals.post(START, {"quiz_id": quiz.pk})
    assert (refused.status_code, code_of(refused)) == (409, "quiz_is_empty")


def test_start_with_an_idempotency_key_gets_the_first_answer_again(quiz: Quiz, bilals: APIClient) -> None:
    first, again = (bilals.post(START, {"quiz_id": quiz.pk}, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


# --- who ----------------------------------------------------------------------------------------


def test_start_needs_an_enrolment_also_of_the_owner_and_admins(
    quiz: Quiz, client_for: ClientFor, asha: CustomUser, admin: CustomUser, chitra: CustomUser
) -> None:
    for user in (asha, admin, chitra):
        refused = client_for(user).post(START, {"quiz_id": quiz.pk})
        assert (refused.status_code, code_of(refused)) == (403, "enrollment_required")


def test_start_needs_an_enrolment_that_has_not_run_out(quiz: Quiz, bilals: APIClient, bilal: CustomUser) -> None:
    Enrollment.objects.filter(user=bilal).update(expiry_date=timezone.now() - timedelta(seconds=1))
    assert bilals.post(START, {"quiz_id": quiz.pk}).status_code == 403
    Enrollment.objects.filter(user=bilal).update(expiry_date=None, is_active=False)
    assert bilals.post(START, {"quiz_id": quiz.pk}).status_code == 403


def test_quiz_of_a_draft_is_not_there(quiz: Quiz, client_for: ClientFor, chitra: CustomUser) -> None:
    Course.objects.update(is_published=False)
    assert client_for(chitra).post(START, {"quiz_id": quiz.pk}).status_code == 404
    assert client_for(chitra).post(START, {"quiz_id": 10**15}).status_code == 404


def test_stranger_sees_and_moves_nothing_of_an_attempt(
    quiz: Quiz, bilals: APIClient, client_for: ClientFor, chitra: CustomUser
) -> None:
    attempt = start(bilals, quiz)
    strangers = client_for(chitra)
    assert strangers.get(attempt_address(attempt["id"])).status_code == 404
    assert strangers.patch(attempt_address(attempt["id"]), {"answers": []}).status_code == 404
    assert strangers.post(attempt_address(attempt["id"], "submit/"), {"answers": []}).status_code == 404
    assert strangers.get(ATTEMPTS).json()["results"] == []
    assert strangers.get(ATTEMPTS, {"quiz": quiz.pk}).json()["count"] == 0


def test_without_a_token_there_is_nothing(quiz: Quiz, bilals: APIClient, anonymous: APIClient) -> None:
    attempt = start(bilals, quiz)
    assert anonymous.post(START, {"quiz_id": quiz.pk}).status_code == 401
    assert anonymous.get(ATTEMPTS).status_code == 401
    assert anonymous.get(attempt_address(attempt["id"])).status_code == 401
    assert anonymous.patch(attempt_address(attempt["id"]), {"answers": []}).status_code == 401
    assert anonymous.post(attempt_address(attempt["id"], "submit/"), {"answers": []}).status_code == 401


def test_owner_and_admin_see_the_attempts_of_the_course_and_move_none(
    quiz: Quiz, bilals: APIClient, client_for: ClientFor, asha: CustomUser, admin: CustomUser
) -> None:
    attempt = start(bilals, quiz)
    other = make_quiz(make_course(asha))
    for user in (asha, admin):
        client = client_for(user)
        assert client.get(ATTEMPTS, {"quiz": quiz.pk}).json()["results"] == [attempt]
        assert client.get(ATTEMPTS, {"quiz": other.pk}).json()["results"] == []
        assert client.get(attempt_address(attempt["id"])).json()["user"]["username"] == "bilal"
        assert client.post(attempt_address(attempt["id"], "submit/"), {"answers": []}).status_code == 404


# --- while the author edits ---------------------------------------------------------------------


def test_question_removed_meanwhile_is_no_longer_asked_nor_counted(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    answers = right_answers_to(quiz)
    gone = questions_of(quiz)[0]
    gone.delete()
    assert bilals.patch(attempt_address(attempt["id"]), {"answers": answers}).status_code == 200
    shown = bilals.get(attempt_address(attempt["id"])).json()
    assert gone.pk not in {question["id"] for question in shown["questions"]}
    body = submit(bilals, attempt, answers).json()
    assert (body["points_earned"], body["points_total"]) == (7, 10)


def test_question_added_meanwhile_is_not_part_of_the_attempt(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    [added] = add_questions(quiz=quiz, drafts=[true_false()])
    assert submit(bilals, attempt, [right_answer(Question.objects.get(pk=added.pk))]).status_code == 400
    assert len(submit(bilals, attempt, []).json()["answers"]) == 8


def test_option_removed_meanwhile_is_a_wrong_answer_not_an_error(quiz: Quiz, bilals: APIClient) -> None:
    attempt = start(bilals, quiz)
    question = questions_of(quiz)[0]
    option = QuestionOption.objects.filter(question=question, is_correct=False).first()
    assert option is not None
    option.delete()
    answer = {"question_id": question.pk, "selected_option_id": option.pk}
    assert submit(bilals, attempt, [answer]).json()["answers"][0]["is_correct"] is False


def test_quiz_whose_questions_are_all_gone_is_not_passed(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    course, quiz = course_with_quiz(asha, passing_score=0)
    enroll(bilal, course)
    attempt = start(bilals, quiz)
    Question.objects.all().delete()
    body = submit(bilals, attempt, []).json()
    assert (body["score"], body["points_total"], body["passed"], body["answers"]) == (0.0, 0, False, [])
