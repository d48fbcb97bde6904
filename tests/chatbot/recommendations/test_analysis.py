"""Strengths and weaknesses by topic: what counts, how much, and who may read them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.recommendations.topics import Topic, topics_of, wrong_now
from courses.api import ToldAnswer
from courses.assessment.selectors import Wanted
from courses.assessment.services import draw_assessment, start_attempt, submit_attempt
from courses.models import Content, Course, Quiz, QuizAnswer
from tests.chatbot.recommendations.learners import ANALYZE, answer, found
from tests.factories.courses import enroll, make_course
from tests.factories.quizzes import every_type, make_quiz, questions_of, right_answer, true_false

pytestmark = pytest.mark.django_db


def told(topic: str, question: int, is_right: bool) -> ToldAnswer:
    return ToldAnswer(question, 1, 1, topic, is_module=False, is_correct=is_right)


def topics(client: APIClient, **query: Any) -> list[tuple[str, int, int, float, str]]:
    rows = found(client, ANALYZE, **query)["topics"]
    return [(row["topic"], row["answered"], row["right"], row["percent"], row["level"]) for row in rows]


def test_the_latest_answer_to_a_question_counts_most() -> None:
    # Latest first: right, then (before it) wrong twice. 1 of 1 + 1/2 + 1/4.
    learnt = [told("A", 1, True), told("A", 1, False), told("A", 1, False)]
    assert topics_of(learnt) == [Topic("A", None, 3, 1, 57.1, "weak")]
    assert topics_of(reversed(learnt)) == [Topic("A", None, 3, 1, 14.3, "weak")]


def test_levels() -> None:
    def level(right: int, wrong: int) -> str:
        answers = [told("A", number, number < right) for number in range(right + wrong)]
        return topics_of(answers)[0].level

    assert [level(4, 1), level(3, 2), level(59, 41)] == ["strong", "unsure", "weak"]
    assert [level(2, 0), level(0, 2), level(3, 0), level(0, 3)] == ["unsure", "unsure", "strong", "weak"]


def test_topics_that_differ_by_letter_case_are_one_and_the_weakest_comes_first() -> None:
    answers = [told("Vowels", 1, True), told("vowels ", 2, True), told("Rivers", 3, False)]
    assert [(topic.topic, topic.answered) for topic in topics_of(answers)] == [("Rivers", 1), ("Vowels", 2)]


def test_what_is_wrong_now_is_what_was_wrong_last() -> None:
    answers = [told("A", 1, True), told("A", 2, False), told("A", 1, False), told("A", 2, False)]
    assert wrong_now(answers) == [answers[1]]


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha, contents=1, subject="Signs")
    enroll(bilal, course)
    return course


@pytest.fixture
def quiz(course: Course) -> Quiz:
    drafts = [true_false(f"{number}?", topic="Vowels") for number in range(3)]
    return make_quiz(course, [*drafts, true_false("Other?")])


def test_own_answers_by_the_questions_topic_else_its_contents_else_its_modules(
    quiz: Quiz, bilal: CustomUser, bilals: APIClient
) -> None:
    answer(bilal, quiz, True, True, True, False)
    assert topics(bilals) == [("First steps", 1, 0, 0.0, "unsure"), ("Vowels", 3, 3, 100.0, "strong")]

    Content.objects.filter(pk=quiz.content_id).update(topic="Letters")
    assert [row[0] for row in topics(bilals)] == ["Letters", "Vowels"]
    body = found(bilals, ANALYZE)
    assert (body["student_id"], body["course_id"]) == (bilal.pk, None)
    assert (body["strengths"], body["weaknesses"]) == (["Vowels"], [])


def test_what_was_left_open_and_what_waits_for_a_person_says_nothing(
    course: Course, bilal: CustomUser, bilals: APIClient
) -> None:
    answer(bilal, make_quiz(course, every_type()))
    essay = make_quiz(make_course(course.instructor), every_type()[-1:])
    enroll(bilal, essay.content.module.course)
    attempt = answer(bilal, essay, True)
    assert topics(bilals) == []

    QuizAnswer.objects.filter(attempt=attempt).update(is_correct=True)
    assert len(topics(bilals)) == 1


def test_an_open_attempt_says_nothing(quiz: Quiz, bilal: CustomUser, bilals: APIClient) -> None:
    start_attempt(learner=bilal, quiz_id=quiz.pk)

    assert topics(bilals) == []


def test_practice_on_a_quiz_that_is_being_taken_is_told_when_that_is_over(
    quiz: Quiz, bilal: CustomUser, bilals: APIClient
) -> None:
    practice = draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=4)
    answers = [right_answer(question) for question in questions_of(quiz)]
    submit_attempt(learner=bilal, attempt_id=practice.attempt.pk, answers=answers)
    assert sum(row[1] for row in topics(bilals)) == 4

    running = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    assert topics(bilals) == []

    submit_attempt(learner=bilal, attempt_id=running.pk, answers=[])
    assert sum(row[1] for row in topics(bilals)) == 4


def test_of_one_course(quiz: Quiz, asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    other = make_course(asha)
    enroll(bilal, other)
    answer(bilal, make_quiz(other), True)
    answer(bilal, quiz, False)

    assert topics(bilals, course=other.pk) == [("First steps", 1, 1, 100.0, "unsure")]
    assert topics(bilals) == [("Vowels", 1, 0, 0.0, "unsure"), ("First steps", 1, 1, 100.0, "unsure")]


def test_modules_of_one_name_are_topics_of_their_courses(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    courses = [make_course(asha), make_course(asha)]
    for course, is_right in zip(courses, (True, False), strict=True):
        enroll(bilal, course)
        answer(bilal, make_quiz(course), is_right)

    rows = found(bilals, ANALYZE)["topics"]
    assert [(row["topic"], row["course_id"], row["right"]) for row in rows] == [
        ("First steps", courses[1].pk, 0),
        ("First steps", courses[0].pk, 1),
    ]


def test_the_owner_reads_a_students_quizzes_in_the_own_course_and_nothing_else(
    quiz: Quiz, course: Course, admin: CustomUser, bilal: CustomUser, ashas: APIClient, admins: APIClient
) -> None:
    elsewhere = make_course(admin)
    enroll(bilal, elsewhere)
    answer(bilal, make_quiz(elsewhere), True)
    practice = draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=4)
    answers = [right_answer(question) for question in questions_of(quiz)]
    submit_attempt(learner=bilal, attempt_id=practice.attempt.pk, answers=answers)
    answer(bilal, quiz, False, False, False)

    assert topics(ashas, course=course.pk, student=bilal.pk) == [("Vowels", 3, 0, 0.0, "weak")]
    assert found(ashas, ANALYZE, course=course.pk, student=bilal.pk)["weaknesses"] == ["Vowels"]
    assert ashas.get(ANALYZE, {"course": elsewhere.pk, "student": bilal.pk}).status_code == 404
    refused = ashas.get(ANALYZE, {"student": bilal.pk})
    assert refused.status_code == 400
    assert refused.json()["errors"][0] == {"code": "required", "detail": "Name the course.", "attr": "course"}
    assert sum(row[1] for row in topics(admins, student=bilal.pk)) == 8


def test_strangers_and_classmates_read_nothing(
    quiz: Quiz, course: Course, bilal: CustomUser, chitra: CustomUser, chitras: APIClient, ashas: APIClient,
    admins: APIClient,
) -> None:  # fmt: skip
    answer(bilal, quiz, False)
    for _time in range(2):
        for query in ({"student": bilal.pk}, {"student": bilal.pk, "course": course.pk}, {"student": 10**6}):
            assert chitras.get(ANALYZE, query).status_code == 404
        assert found(chitras, ANALYZE)["topics"] == []
        if not chitra.enrollments.exists():
            assert ashas.get(ANALYZE, {"student": chitra.pk, "course": course.pk}).status_code == 404
            enroll(chitra, course)  # and then as a classmate
    assert ashas.get(ANALYZE, {"student": 10**6, "course": course.pk}).status_code == 404
    assert admins.get(ANALYZE, {"student": 10**6}).status_code == 404


def test_a_course_that_one_may_not_know_of_is_not_there(asha: CustomUser, chitras: APIClient) -> None:
    draft = make_course(asha, published=False)

    assert chitras.get(ANALYZE, {"course": draft.pk}).status_code == 404
    assert chitras.get(ANALYZE, {"course": 10**6}).status_code == 404
    assert topics(chitras, course=make_course(asha).pk) == []


def test_what_is_no_id_is_refused(chitras: APIClient, anonymous: APIClient) -> None:
    for name in ("course", "student"):
        for value in ("x", "0", "-1", str(2**63), "1.5"):
            assert chitras.get(ANALYZE, {name: value}).status_code == 400
    assert anonymous.get(ANALYZE).status_code == 401


@pytest.mark.parametrize("quizzes", [1, 4])
def test_as_many_statements_for_many_answers(
    course: Course, bilal: CustomUser, bilals: APIClient, ashas: APIClient, quizzes: int
) -> None:
    for _number in range(quizzes):
        answer(bilal, make_quiz(course, [true_false("A?"), true_false("B?")]), True, False)

    with CaptureQueriesContext(connection) as asked:
        assert topics(bilals) == [("First steps", 2 * quizzes, quizzes, 50.0, "unsure" if quizzes == 1 else "weak")]
    assert len(asked) <= 2
    with CaptureQueriesContext(connection) as asked:
        topics(ashas, course=course.pk, student=bilal.pk)
    assert len(asked) <= 4
