"""Quizzes and questions as their authors write them, and as nobody else sees them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import AnswerKey, Content, Course, Question, QuestionOption, Quiz
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import person
from tests.factories.quizzes import course_with_quiz, every_type, questions_of, true_false

pytestmark = pytest.mark.django_db
QUIZZES = "/api/courses/quizzes/"
QUESTIONS = "/api/courses/questions/"

BODIES: dict[str, dict[str, Any]] = {
    "multiple_choice": {"options": [{"option_text": "a"}, {"option_text": "b", "is_correct": True}]},
    "multiple_select": {
        "options": [{"option_text": "a", "is_correct": True, "order": 2}, {"option_text": "b", "order": 1}]
    },
    "true_false": {"options": [{"option_text": "True", "is_correct": True}, {"option_text": "False"}]},
    "fill_in_blank": {"accepted_answers": ["Delhi", "New Delhi"]},
    "numeric": {"number": 3.14, "tolerance": 0.01},
    "matching": {"pairs": [{"left": "cat", "right": "animal"}, {"left": "oak", "right": "tree"}]},
    "ordering": {"options": [{"option_text": "one"}, {"option_text": "two"}, {"option_text": "three"}]},
    "essay": {},
}


@pytest.fixture
def quiz_content(asha: CustomUser) -> Content:
    course = make_course(asha)
    return make_content(contents_of(course)[0].module, content_type="quiz", title="Quiz")


def errors_of(response: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["attr"]) for error in response.json()["errors"]]


def version_of(course_id: int) -> int:
    return Course.objects.values_list("version", flat=True).get(pk=course_id)


# --- quizzes ------------------------------------------------------------------------------------


def test_author_writes_reads_changes_and_removes_a_quiz(ashas: APIClient, quiz_content: Content) -> None:
    body = {"content_id": quiz_content.pk, "title": "Letters", "passing_score": 80, "time_limit": 60, "max_attempts": 3}
    created = ashas.post(QUIZZES, body)
    assert created.status_code == 201
    quiz = created.json()
    assert quiz == body | {"id": quiz["id"], "course_id": quiz_content.module.course_id, "question_count": 0}
    assert ashas.get(f"{QUIZZES}{quiz['id']}/").json() == quiz
    changed = ashas.patch(f"{QUIZZES}{quiz['id']}/", {"time_limit": None, "passing_score": 0})
    assert changed.json() == quiz | {"time_limit": None, "passing_score": 0}
    assert ashas.get(QUIZZES).json()["results"] == [changed.json()]
    assert ashas.get(QUIZZES, {"content_id": quiz_content.pk}).json()["count"] == 1
    assert ashas.get(QUIZZES, {"content_id": 10**9}).json()["count"] == 0
    assert ashas.delete(f"{QUIZZES}{quiz['id']}/").status_code == 204
    assert not Quiz.objects.exists()


def test_quiz_needs_only_a_content_and_a_title(ashas: APIClient, quiz_content: Content) -> None:
    quiz = ashas.post(QUIZZES, {"content_id": quiz_content.pk, "title": "Letters"}).json()
    assert (quiz["passing_score"], quiz["time_limit"], quiz["max_attempts"]) == (60, None, None)


def test_content_has_one_quiz(ashas: APIClient, quiz_content: Content) -> None:
    bodies = [ashas.post(QUIZZES, {"content_id": quiz_content.pk, "title": "Letters"}) for _again in range(2)]
    assert [body.status_code for body in bodies] == [201, 409]
    assert errors_of(bodies[1]) == [("quiz_exists", None)]


def test_only_a_content_of_type_quiz_has_one(ashas: APIClient, asha: CustomUser) -> None:
    text = contents_of(make_course(asha))[0]
    refused = ashas.post(QUIZZES, {"content_id": text.pk, "title": "Letters"})
    assert (refused.status_code, errors_of(refused)) == (400, [("content_is_not_a_quiz", "content_id")])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("passing_score", 101),
        ("passing_score", -1),
        ("time_limit", 0),
        ("time_limit", 10**12),
        ("max_attempts", 0),
        ("max_attempts", 10**9),
        ("title", ""),
        ("title", "x" * 201),
        ("content_id", 10**30),
        ("content_id", "abc"),
    ],
)
def test_quiz_out_of_bounds_is_refused(field: str, value: Any, ashas: APIClient, quiz_content: Content) -> None:
    refused = ashas.post(QUIZZES, {"content_id": quiz_content.pk, "title": "Letters", field: value})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == field


def test_every_write_of_a_quiz_grows_the_course_version(ashas: APIClient, quiz_content: Content) -> None:
    course_id = quiz_content.module.course_id
    versions = [version_of(course_id)]
    quiz_id = ashas.post(QUIZZES, {"content_id": quiz_content.pk, "title": "Letters"}).json()["id"]
    versions.append(version_of(course_id))
    ashas.patch(f"{QUIZZES}{quiz_id}/", {"title": "More letters"})
    versions.append(version_of(course_id))
    question = {"quiz_id": quiz_id, "question_text": "?", "question_type": "essay"}
    question_id = ashas.post(QUESTIONS, question).json()["id"]
    versions.append(version_of(course_id))
    ashas.patch(f"{QUESTIONS}{question_id}/", {"points": 2})
    versions.append(version_of(course_id))
    ashas.delete(f"{QUESTIONS}{question_id}/")
    versions.append(version_of(course_id))
    ashas.delete(f"{QUIZZES}{quiz_id}/")
    versions.append(version_of(course_id))
    assert versions == sorted(set(versions))


# --- questions ----------------------------------------------------------------------------------


def write(client: APIClient, quiz: Quiz, question_type: str, **fields: Any) -> Any:
    body = {"quiz_id": quiz.pk, "question_text": "Well?", "question_type": question_type, **BODIES[question_type]}
    return client.post(QUESTIONS, body | fields)


@pytest.fixture
def quiz(asha: CustomUser) -> Quiz:
    return course_with_quiz(asha, [])[1]


@pytest.mark.parametrize("question_type", BODIES)
def test_question_is_read_as_it_was_written(question_type: str, ashas: APIClient, quiz: Quiz) -> None:
    more = {"points": 3, "difficulty": "hard", "topic": "letters", "explanation": "So it is.", "order": 7}
    created = write(ashas, quiz, question_type, **more)
    assert created.status_code == 201, created.content
    body = created.json()
    for name, value in more.items():
        assert body[name] == value
    for name, value in BODIES[question_type].items():
        if name != "options":
            assert body[name] == value
    assert ashas.get(f"{QUESTIONS}{body['id']}/").json() == body
    assert ashas.get(QUESTIONS, {"quiz_id": quiz.pk}).json()["results"] == [body]


def test_options_come_back_in_their_order_with_what_is_right(ashas: APIClient, quiz: Quiz) -> None:
    select = write(ashas, quiz, "multiple_select").json()
    assert [(row["option_text"], row["is_correct"], row["order"]) for row in select["options"]] == [
        ("b", False, 1),
        ("a", True, 2),
    ]
    ordering = write(ashas, quiz, "ordering").json()
    assert [row["option_text"] for row in ordering["options"]] == ["one", "two", "three"]


def test_questions_stand_in_the_order_they_are_written(ashas: APIClient, quiz: Quiz) -> None:
    written = [write(ashas, quiz, "essay").json()["id"] for _number in range(3)]
    assert [question.pk for question in questions_of(quiz)] == written


@pytest.mark.parametrize("question_type", BODIES)
def test_change_of_one_field_leaves_the_rest(question_type: str, ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, question_type, explanation="So it is.").json()
    changed = ashas.patch(f"{QUESTIONS}{question['id']}/", {"question_text": "Really?"})
    assert changed.status_code == 200, changed.content
    assert changed.json() == question | {"question_text": "Really?"}


def test_half_of_a_numeric_key_is_changed_alone(ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, "numeric").json()
    changed = ashas.patch(f"{QUESTIONS}{question['id']}/", {"tolerance": 0.5}).json()
    assert (changed["number"], changed["tolerance"]) == (3.14, 0.5)


def test_corrected_option_keeps_its_id(ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, "multiple_choice").json()
    a, b = (row["id"] for row in question["options"])
    options = [{"option_text": "b", "is_correct": True}, {"option_text": "A!"}, {"option_text": "c"}]
    changed = ashas.patch(f"{QUESTIONS}{question['id']}/", {"options": options}).json()["options"]
    assert [(row["id"], row["option_text"], row["is_correct"]) for row in changed[:2]] == [
        (b, "b", True),
        (a, "A!", False),
    ]
    fewer = ashas.patch(f"{QUESTIONS}{question['id']}/", {"options": options[:2]}).json()["options"]
    assert [row["id"] for row in fewer] == [b, a]
    assert QuestionOption.objects.count() == 2


def test_changed_pairs_keep_their_rows_while_there_are_enough(ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, "matching").json()
    before = set(QuestionOption.objects.values_list("id", flat=True))
    pairs = [{"left": "cat", "right": "tree"}, {"left": "ash", "right": "animal"}]
    changed = ashas.patch(f"{QUESTIONS}{question['id']}/", {"pairs": pairs}).json()
    assert changed["pairs"] == pairs
    assert set(QuestionOption.objects.values_list("id", flat=True)) == before


@pytest.mark.parametrize("question_type", ["matching", "ordering"])
def test_added_rows_that_ids_could_betray_are_all_made_anew(question_type: str, ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, question_type).json()
    before = set(QuestionOption.objects.values_list("id", flat=True))
    field = "pairs" if question_type == "matching" else "options"
    one_more = {"left": "sea", "right": "water"} if question_type == "matching" else {"option_text": "four"}
    more = [*BODIES[question_type][field], one_more]
    changed = ashas.patch(f"{QUESTIONS}{question['id']}/", {field: more})
    assert changed.status_code == 200, changed.content
    assert not before & set(QuestionOption.objects.values_list("id", flat=True))
    assert len(changed.json()[field]) == len(more)


def test_ids_of_pairs_and_orders_say_nothing(ashas: APIClient, quiz: Quiz) -> None:
    """Of 20 orders of six, inserted as they are right, none would differ from its ids."""
    texts = [str(number) for number in range(6)]
    options = [{"option_text": text} for text in texts]
    pairs = [{"left": text, "right": f"{text}!"} for text in texts]
    in_order = 0
    for _number in range(10):
        rows = write(ashas, quiz, "ordering", options=options).json()["options"]
        in_order += [row["id"] for row in rows] == sorted(row["id"] for row in rows)
        matching = write(ashas, quiz, "matching", pairs=pairs).json()["id"]
        lefts = QuestionOption.objects.filter(question=matching, side="left").order_by("id")
        matched = list(lefts.values_list("match_id", flat=True))
        in_order += matched == sorted(matched, key=lambda id_: id_ or 0)
    assert in_order <= 1


def test_type_of_a_question_stays(ashas: APIClient, quiz: Quiz) -> None:
    question = write(ashas, quiz, "essay").json()
    refused = ashas.patch(f"{QUESTIONS}{question['id']}/", {"question_type": "numeric", "number": 1})
    assert (refused.status_code, errors_of(refused)) == (400, [("type_is_fixed", "question_type")])
    assert ashas.patch(f"{QUESTIONS}{question['id']}/", {"question_type": "essay"}).status_code == 200


@pytest.mark.parametrize(
    ("question_type", "fields", "attr"),
    [
        ("essay", {"question_text": ""}, "question_text"),
        ("essay", {"points": 0}, "points"),
        ("essay", {"points": 10**9}, "points"),
        ("essay", {"difficulty": "absurd"}, "difficulty"),
        ("essay", {"number": 1}, "number"),
        ("essay", {"quiz_id": 0}, "quiz_id"),
        ("numeric", {"number": "NaN"}, "number"),
        ("numeric", {"number": "Infinity"}, "number"),
        ("numeric", {"number": 10**20}, "number"),
        ("numeric", {"tolerance": -1}, "tolerance"),
        ("multiple_choice", {"options": []}, "options"),
        ("multiple_choice", {"options": "ab"}, "options"),
        ("multiple_choice", {"options": [{"option_text": "a"}, {"option_text": ""}]}, "options.1.option_text"),
        ("fill_in_blank", {"accepted_answers": ["a", ""]}, "accepted_answers.1"),
        ("matching", {"pairs": [{"left": "a"}, {"left": "b", "right": "c"}]}, "pairs.0.right"),
    ],
)
def test_question_out_of_form_is_refused_and_named(
    question_type: str, fields: dict[str, Any], attr: str, ashas: APIClient, quiz: Quiz
) -> None:
    refused = write(ashas, quiz, question_type, **fields)
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["attr"] == attr
    assert not Question.objects.exists()


def test_question_of_no_known_type_is_refused(ashas: APIClient, quiz: Quiz) -> None:
    refused = ashas.post(QUESTIONS, {"quiz_id": quiz.pk, "question_text": "?", "question_type": "riddle"})
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "question_type")


def test_question_sent_twice_under_one_key_is_written_once(ashas: APIClient, quiz: Quiz) -> None:
    body = {"quiz_id": quiz.pk, "question_text": "?", "question_type": "essay"}
    first, again = (ashas.post(QUESTIONS, body, HTTP_IDEMPOTENCY_KEY="q1") for _time in range(2))
    assert first.json() == again.json()
    assert Question.objects.count() == 1


# --- everybody else -----------------------------------------------------------------------------


@pytest.fixture
def strangers(client_for: ClientFor, bilal: CustomUser, chitra: CustomUser, asha: CustomUser) -> list[APIClient]:
    """A stranger, a learner of the course, and somebody who teaches another."""
    course, _quiz = course_with_quiz(asha, every_type())
    enroll(bilal, course)
    teacher = person("teacher", role="instructor")
    return [client_for(user) for user in (chitra, bilal, teacher)]


def test_others_see_and_change_no_quiz_and_no_question(strangers: list[APIClient]) -> None:
    quiz, question = Quiz.objects.get(), Question.objects.first()
    assert question is not None
    body = {"quiz_id": quiz.pk, "question_text": "?", "question_type": "essay"}
    for client in strangers:
        assert client.get(f"{QUIZZES}{quiz.pk}/").status_code == 404
        assert client.patch(f"{QUIZZES}{quiz.pk}/", {"passing_score": 0}).status_code == 404
        assert client.delete(f"{QUIZZES}{quiz.pk}/").status_code == 404
        assert client.post(QUIZZES, {"content_id": quiz.content_id, "title": "Mine"}).status_code == 404
        assert client.get(f"{QUESTIONS}{question.pk}/").status_code == 404
        assert client.patch(f"{QUESTIONS}{question.pk}/", {"points": 9}).status_code == 404
        assert client.delete(f"{QUESTIONS}{question.pk}/").status_code == 404
        assert client.post(QUESTIONS, body).status_code == 404
    *learners, teacher = strangers
    for client in learners:
        assert client.get(QUIZZES).status_code == 404
        assert client.get(QUESTIONS, {"quiz_id": quiz.pk}).status_code == 404
    assert teacher.get(QUIZZES).json()["results"] == []
    assert teacher.get(QUESTIONS, {"quiz_id": quiz.pk}).json()["results"] == []


def test_without_a_token_nothing_is_open(anonymous: APIClient, quiz: Quiz) -> None:
    for address in (QUIZZES, f"{QUIZZES}{quiz.pk}/", QUESTIONS, f"{QUESTIONS}1/"):
        assert anonymous.get(address).status_code == 401
    for address in (QUIZZES, QUESTIONS):
        assert anonymous.post(address, {}).status_code == 401
    for address in (f"{QUIZZES}{quiz.pk}/", f"{QUESTIONS}1/"):
        assert anonymous.patch(address, {}).status_code == 401
        assert anonymous.delete(address).status_code == 401


def test_admin_may_change_every_quiz(client_for: ClientFor, admin: CustomUser, quiz: Quiz) -> None:
    client = client_for(admin)
    assert client.get(QUIZZES).json()["count"] == 1
    assert client.patch(f"{QUIZZES}{quiz.pk}/", {"title": "Ours"}).json()["title"] == "Ours"


@pytest.mark.parametrize("value", ["x", "-1", "0", "9" * 30, "1\0"])
def test_filter_that_is_no_id_is_refused(value: str, ashas: APIClient, quiz: Quiz) -> None:
    for address, name in ((QUIZZES, "content_id"), (QUESTIONS, "quiz_id"), ("/api/courses/quiz-attempts/", "quiz")):
        assert ashas.get(address, {name: value}).status_code == 400


def test_lists_take_as_many_statements_for_one_as_for_three(
    ashas: APIClient, asha: CustomUser, django_assert_num_queries: Any
) -> None:
    def take(number: int) -> None:
        with django_assert_num_queries(3):
            assert ashas.get(QUIZZES).json()["count"] == number
        with django_assert_num_queries(4):
            assert ashas.get(QUESTIONS).json()["count"] == number

    course_with_quiz(asha)
    take(1)
    course_with_quiz(asha)
    course_with_quiz(asha, [true_false()])
    take(3)


def test_key_row_that_is_missing_is_an_empty_key(ashas: APIClient, quiz: Quiz) -> None:
    question = Question.objects.create(quiz=quiz, question_text="?", question_type="numeric")
    assert not AnswerKey.objects.exists()
    body = ashas.get(f"{QUESTIONS}{question.pk}/").json()
    assert (body["number"], body["explanation"]) == (None, "")
