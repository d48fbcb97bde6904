"""Quizzes, questions and attempts in the admin, and the task that closes what learners left open."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from courses.assessment.services import start_attempt, submit_attempt
from courses.assessment.tasks import close_expired_attempts
from courses.models import Course, Question, QuestionOption, Quiz, QuizAttempt
from e_learning.celery import app
from tests.factories.courses import enroll
from tests.factories.quizzes import course_with_quiz, every_type, right_answers_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, admin: CustomUser) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    course, quiz = course_with_quiz(asha, every_type())
    enroll(bilal, course)
    started = start_attempt(learner=bilal, quiz_id=quiz.pk)
    submit_attempt(learner=bilal, attempt_id=started.running.attempt.pk, answers=right_answers_to(quiz))
    return quiz


@pytest.mark.parametrize("name", ["quiz", "question", "quizattempt", "subtitle"])
def test_list_is_shown_and_searched(name: str, office: Client, quiz: Quiz) -> None:
    assert office.get(f"/admin/courses/{name}/").status_code == 200
    assert office.get(f"/admin/courses/{name}/", {"q": "letters"}).status_code == 200


def test_quiz_and_question_are_mended_and_the_course_knows(office: Client, quiz: Quiz) -> None:
    versions = [Course.objects.get().version]
    body = {"title": "Mended", "passing_score": 50, "time_limit": "", "max_attempts": ""}
    assert office.post(f"/admin/courses/quiz/{quiz.pk}/change/", body).status_code == 302
    quiz.refresh_from_db()
    assert (quiz.title, quiz.passing_score) == ("Mended", 50)
    versions.append(Course.objects.get().version)
    question = Question.objects.get(question_type="essay")
    body = {
        "question_text": "Mended?", "points": 2, "order": 1, "difficulty": "easy", "topic": "",
        "options-TOTAL_FORMS": 0, "options-INITIAL_FORMS": 0,
        "key-TOTAL_FORMS": 1, "key-INITIAL_FORMS": 1, "key-0-question": question.pk, "key-0-explanation": "Mended.",
    }  # fmt: skip
    assert office.post(f"/admin/courses/question/{question.pk}/change/", body).status_code == 302
    question.refresh_from_db()
    assert (question.question_text, question.key.explanation) == ("Mended?", "Mended.")
    versions.append(Course.objects.get().version)
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("question_type", ["matching", "multiple_choice"])
def test_question_page_shows_its_options(question_type: str, office: Client, quiz: Quiz) -> None:
    question = Question.objects.get(question_type=question_type)
    page = office.get(f"/admin/courses/question/{question.pk}/change/").content.decode()
    for text in QuestionOption.objects.filter(question=question).values_list("option_text", flat=True):
        assert text in page


def test_attempt_is_there_to_be_read_only(office: Client, quiz: Quiz) -> None:
    attempt = QuizAttempt.objects.get()
    assert office.get(f"/admin/courses/quizattempt/{attempt.pk}/change/").status_code == 200
    assert office.post(f"/admin/courses/quizattempt/{attempt.pk}/change/", {"score": 1}).status_code == 403
    assert office.get("/admin/courses/quizattempt/add/").status_code == 403
    assert office.get("/admin/courses/question/add/").status_code == 403


def test_task_of_the_schedule_closes_what_was_left_open(quiz: Quiz, bilal: CustomUser) -> None:
    started = start_attempt(learner=bilal, quiz_id=quiz.pk)
    QuizAttempt.objects.filter(pk=started.running.attempt.pk).update(deadline=timezone.now() - timedelta(seconds=1))
    assert close_expired_attempts() == 1
    assert QuizAttempt.objects.get(pk=started.running.attempt.pk).status == "expired"
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert close_expired_attempts.name in scheduled
