"""``manage.py import_questions`` and ``export_questions``: what they write, say, and leave alone."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from io import StringIO
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from courses.assessment.services import start_attempt, submit_attempt
from courses.exchange.question_files import import_questions
from courses.models import Course, Question, QuestionOption, Quiz, QuizAnswer
from tests.courses.exchange.conftest import Write
from tests.factories.courses import enroll
from tests.factories.quizzes import course_with_quiz, every_type, questions_of, right_answers_to
from tests.guards import without

GIFT = """\
// [id:q1] [tag:topic:Tombs] [tag:difficulty:easy] [tag:points:3]
::Grant::Who's buried in Grant's tomb?{~Grant ~Jefferson =no one#Right!####Nobody is.}

How many hands?{#2}

Half right.{~%50%half =full}

$CATEGORY: tombs

Pair.{=left -> right =up -> down}
"""
WriteFile = Callable[..., Path]


def run(command: str, quiz: Quiz, *arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(command, *arguments, "--quiz", str(quiz.pk), "--json", stdout=out, stderr=StringIO())
    report: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return report


def bring(path: Path, quiz: Quiz, *arguments: str) -> dict[str, Any]:
    return run("import_questions", quiz, str(path), *arguments)


def rows(quiz: Quiz) -> list[Any]:
    """Return everything that an import writes into a quiz, as it is."""
    return [
        list(Question.objects.filter(quiz=quiz).order_by("pk").values()),
        list(QuestionOption.objects.filter(question__quiz=quiz).order_by("pk").values()),
        list(Question.objects.filter(quiz=quiz).order_by("pk").values_list("key__explanation", "key__number")),
    ]


@pytest.fixture
def quiz(asha: CustomUser) -> Quiz:
    return course_with_quiz(asha, [])[1]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write_it(text: str | bytes, name: str = "questions.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_it


def test_the_report_is_one_object_with_the_names_that_scripts_rely_on(quiz: Quiz, write: WriteFile) -> None:
    report = bring(write(GIFT), quiz)
    left_out = report.pop("left_out")
    assert report == {
        "quiz_id": quiz.pk,
        "title": "Quiz",
        "blocks": {
            "multichoice": {"read": 2, "imported": 1, "left_out": 1},
            "numerical": {"read": 1, "imported": 1, "left_out": 0},
            "category": {"read": 1, "imported": 0, "left_out": 1},
            "matching": {"read": 1, "imported": 1, "left_out": 0},
        },
    }
    assert [(left["kind"], left["id"]) for left in left_out] == [("multichoice", "#3"), ("category", "tombs")]
    assert all(left["reason"] for left in left_out)


def test_questions_carry_what_the_file_says(quiz: Quiz, write: WriteFile) -> None:
    bring(write(GIFT), quiz)
    first, second, third = questions_of(quiz)
    assert (first.question_text, first.question_type) == ("Who's buried in Grant's tomb?", "multiple_choice")
    assert (first.topic, first.difficulty, first.points, first.external_id) == ("Tombs", "easy", 3, "file:q1")
    assert first.key.explanation == "Nobody is.\n\nno one: Right!"
    assert [(row.option_text, row.is_correct) for row in first.options.all()] == [
        ("Grant", False),
        ("Jefferson", False),
        ("no one", True),
    ]
    assert (second.question_type, second.key.number, second.key.tolerance) == ("numeric", Decimal(2), Decimal(0))
    lefts = QuestionOption.objects.filter(question=third, side="left").select_related("match").order_by("order")
    assert [(row.option_text, row.match and row.match.option_text) for row in lefts] == [
        ("left", "right"),
        ("up", "down"),
    ]
    assert [question.order for question in (first, second, third)] == [1, 2, 3]


def test_the_same_file_again_changes_nothing(quiz: Quiz, write: WriteFile) -> None:
    path = write(GIFT)
    bring(path, quiz)
    before, version = rows(quiz), Course.objects.get().version
    assert bring(path, quiz)["blocks"]["multichoice"]["imported"] == 1
    assert rows(quiz) == before
    assert Course.objects.get().version == version


def test_a_changed_file_updates_the_same_questions(quiz: Quiz, write: WriteFile) -> None:
    bring(write(GIFT), quiz)
    before = [question.pk for question in questions_of(quiz)]
    options = set(QuestionOption.objects.filter(question=before[0]).values_list("pk", flat=True))
    version = Course.objects.get().version
    bring(write(GIFT.replace("~Jefferson", "~Lincoln").replace("{#2}", "{#3}")), quiz)
    first, second, third = questions_of(quiz)
    assert [first.pk, second.pk, third.pk] == before
    assert second.key.number == Decimal(3)
    assert "Lincoln" in set(first.options.values_list("option_text", flat=True))
    assert set(first.options.values_list("pk", flat=True)) == options
    assert Course.objects.get().version > version


def test_what_the_file_does_not_say_stays_as_an_author_set_it(quiz: Quiz, write: WriteFile) -> None:
    path = write("How many hands?{#2}")
    bring(path, quiz)
    Question.objects.filter(quiz=quiz).update(points=5, difficulty="hard", topic="Hands")
    bring(write("How many hands?{#2####Two.}"), quiz)
    [question] = questions_of(quiz)
    assert (question.points, question.difficulty, question.topic) == (5, "hard", "Hands")
    assert question.key.explanation == "Two."


def test_a_second_file_adds_to_the_first(quiz: Quiz, write: WriteFile) -> None:
    bring(write("One?{T}"), quiz)
    bring(write("Two?{F}"), quiz)
    assert [question.question_text for question in questions_of(quiz)] == ["One?", "Two?"]


def test_twins_in_one_file_are_two_questions_each_time(quiz: Quiz, write: WriteFile) -> None:
    path = write("Same?{T}\n\nSame?{F}\n\nSame?{#1}")
    bring(path, quiz)
    before = rows(quiz)
    bring(path, quiz)
    assert rows(quiz) == before
    assert len(questions_of(quiz)) == 3


def test_answers_and_running_attempts_stay(quiz: Quiz, write: WriteFile, bilal: CustomUser) -> None:
    bring(write(GIFT), quiz)
    enroll(bilal, quiz.content.module.course)
    done = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    submit_attempt(learner=bilal, attempt_id=done.pk, answers=right_answers_to(quiz))
    answered = list(QuizAnswer.objects.order_by("pk").values())
    running = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    bring(write(GIFT.replace("no one#Right!", "nobody at all").replace("{#2}", "{#2:0.5}") + "\nNew?{T}\n"), quiz)
    assert list(QuizAnswer.objects.order_by("pk").values()) == answered
    asked = {question["id"] for question in running.layout["questions"]}
    answers = [answer for answer in right_answers_to(quiz) if answer["question_id"] in asked]
    submit_attempt(learner=bilal, attempt_id=running.pk, answers=answers)
    running.refresh_from_db()
    assert running.score == Decimal(100)


def test_a_question_of_another_type_is_made_anew(quiz: Quiz, write: WriteFile) -> None:
    bring(write("// [id:q1]\nHow many?{#2}\n\nLast?{T}"), quiz)
    bring(write("// [id:q1]\nHow many?{=two}\n\nLast?{T}"), quiz)
    first, last = questions_of(quiz)
    assert (first.question_type, first.external_id, last.question_text) == ("fill_in_blank", "file:q1", "Last?")


def test_a_question_that_learners_answered_does_not_become_another_type(
    quiz: Quiz, write: WriteFile, bilal: CustomUser
) -> None:
    bring(write("// [id:q1]\nHow many?{#2}"), quiz)
    enroll(bilal, quiz.content.module.course)
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=right_answers_to(quiz))
    report = bring(write("// [id:q1]\nHow many?{=two}"), quiz)
    assert report["blocks"] == {"shortanswer": {"read": 1, "imported": 0, "left_out": 1}}
    assert report["left_out"] == [
        {"kind": "shortanswer", "id": "q1", "reason": "learners have answered it as a question of another type"}
    ]
    assert [question.question_type for question in questions_of(quiz)] == ["numeric"]


@pytest.mark.parametrize("file_format", ["gift", "moodle-xml"])
def test_a_quiz_that_was_written_is_read_into_another_as_the_same(
    asha: CustomUser, tmp_path: Path, file_format: str
) -> None:
    quiz, path = course_with_quiz(asha, every_type(), title="All of them")[1], tmp_path / "out"
    written = run("export_questions", quiz, "--format", file_format, "--output", str(path))
    assert (written["quiz_id"], written["title"], written["changed"]) == (quiz.pk, "All of them", [])
    other = course_with_quiz(asha, [])[1]
    bring(path, other)
    lost = {left["id"] for left in written["left_out"]}
    assert lost == ({"Order them"} if file_format == "gift" else set())
    came, went = questions_of(other), [one for one in questions_of(quiz) if one.question_text not in lost]
    for here, there in zip(came, went, strict=True):
        for name in ("question_text", "question_type", "points", "difficulty", "topic"):
            assert getattr(here, name) == getattr(there, name)
        for name in ("explanation", "accepted_answers", "number", "tolerance"):
            assert getattr(here.key, name) == getattr(there.key, name)
        assert options_of(here) == options_of(there)


def options_of(question: Question) -> list[tuple[Any, ...]]:
    found = QuestionOption.objects.filter(question=question).select_related("match").order_by("side", "order", "id")
    rows = [(row.side, row.option_text, row.is_correct, row.match and row.match.option_text) for row in found]
    return sorted(rows, key=str) if question.question_type == "matching" else rows


def test_reading_back_into_the_same_quiz_doubles_nothing(asha: CustomUser, tmp_path: Path) -> None:
    quiz, path = course_with_quiz(asha, every_type())[1], tmp_path / "out.xml"
    before = [question.pk for question in questions_of(quiz)]
    for _round in range(2):
        run("export_questions", quiz, "--format", "moodle-xml", "--output", str(path))
        bring(path, quiz)
    assert [question.pk for question in questions_of(quiz)] == before


def test_the_next_import_of_the_course_leaves_them_alone(
    asha: CustomUser, write_course: Write, write: WriteFile, tmp_path: Path
) -> None:
    problem = (
        '<problem url_name="p1"><numericalresponse answer="5"><label>How many?</label></numericalresponse></problem>'
    )
    course = write_course(problem)
    call_command("import_course", str(course), stdout=StringIO())
    quiz = Quiz.objects.get()
    bring(write("And?{T}"), quiz)
    path = tmp_path / "out.gift"
    run("export_questions", quiz, "--format", "gift", "--output", str(path))
    bring(path, quiz)
    call_command("import_course", str(course), stdout=StringIO())
    assert [question.question_text for question in questions_of(quiz)] == ["How many?", "And?"]


def test_an_import_takes_the_same_statements_for_one_new_question_and_for_many(quiz: Quiz, write: WriteFile) -> None:
    def statements(count: int) -> int:
        path = write("\n\n".join(f"Question {count} {number}?{{=yes =si}}" for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            import_questions(path=path, quiz_id=quiz.pk)
        return len(queries)

    statements(1)
    assert statements(2) == statements(30)


def test_an_export_takes_three_statements(asha: CustomUser, django_assert_num_queries: Any) -> None:
    quiz = course_with_quiz(asha, every_type())[1]
    with django_assert_num_queries(3):
        call_command("export_questions", "--quiz", str(quiz.pk), "--format", "moodle-xml", stdout=StringIO())


def test_a_file_goes_to_standard_output_and_losses_to_standard_error(asha: CustomUser) -> None:
    quiz = course_with_quiz(asha, every_type())[1]
    out, error = StringIO(), StringIO()
    call_command("export_questions", "--quiz", str(quiz.pk), "--format", "gift", stdout=out, stderr=error)
    assert out.getvalue().count("[plain]") == 7
    assert error.getvalue() == "ordering Order them: GIFT has no questions of this type\n"


def test_people_are_told_too(quiz: Quiz, write: WriteFile) -> None:
    out = StringIO()
    text = GIFT + "\nÜber?{=a -> b =c -> d = -> e}\n"
    call_command("import_questions", str(write(text.encode("latin-1"))), "--quiz", str(quiz.pk), stdout=out)
    told = out.getvalue()
    assert "4 new, 0 changed, 0 as they were" in told
    assert "multichoice #3: an answer is worth 50 % of the points" in told
    assert "without the choices that belong to nothing: e" in told
    assert "it was read as cp1252" in told


@pytest.mark.parametrize("quiz_id", [0, -1, 999_999, 2**63, 10**30])
def test_no_such_quiz_is_said(db: None, write: WriteFile, quiz_id: int) -> None:
    for command in (["import_questions", str(write(GIFT))], ["export_questions", "--format", "gift"]):
        with pytest.raises(CommandError, match="There is no quiz"):
            call_command(*command, f"--quiz={quiz_id}")


def test_a_file_that_is_not_there_is_said(quiz: Quiz, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(CommandError, match="There is no file at"):
            bring(path, quiz)
    with pytest.raises(CommandError):
        bring(Path("x" * 5000), quiz)
    with pytest.raises(CommandError, match="No such file"):
        run("export_questions", quiz, "--format", "gift", "--output", str(tmp_path / "no" / "folder"))


def test_the_report_and_the_file_do_not_share_standard_output(quiz: Quiz) -> None:
    with pytest.raises(CommandError, match="--json needs --output"):
        call_command("export_questions", "--quiz", str(quiz.pk), "--format", "gift", "--json")


def test_a_format_that_is_given_is_taken(quiz: Quiz, write: WriteFile) -> None:
    text = "What?\nA) one\nB) two\nANSWER: A\n"
    assert bring(write(text), quiz)["blocks"] == {"multichoice": {"read": 1, "imported": 1, "left_out": 0}}
    assert bring(write(text), quiz, "--format", "gift")["blocks"] == {
        "description": {"read": 1, "imported": 0, "left_out": 1}
    }


def test_the_database_refuses_a_second_question_of_the_same_name(quiz: Quiz) -> None:
    for name in ("", "", "file:a"):
        Question.objects.create(quiz=quiz, question_text="?", question_type="essay", external_id=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(quiz=quiz, question_text="?", question_type="essay", external_id="file:a")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("lock", "constraint"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_same_file_imported_twice_at_once_is_doubled_only_without_both_guards(
    asha: CustomUser,
    write: WriteFile,
    monkeypatch: pytest.MonkeyPatch,
    on_postgresql: bool,
    lock: bool,
    constraint: bool,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: the second import waits for the first")
    quiz, path = course_with_quiz(asha, [])[1], write("One?{T}\n\nTwo?{F}")
    if not lock:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    both_are_about_to_insert = Barrier(2)

    def meet(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "courses_question" '):
            with suppress(BrokenBarrierError):  # the other one waits for our lock, or is done
                both_are_about_to_insert.wait(timeout=2 if lock or constraint else 20)
        return execute(sql, params, many, context)

    def bring_it(_number: int) -> None:
        try:
            with connection.execute_wrapper(meet):
                import_questions(path=path, quiz_id=quiz.pk)
        finally:
            connection.close()

    with without(Question, *([] if constraint else ["one_question_per_external_id"])), ThreadPoolExecutor(2) as pool:
        list(pool.map(bring_it, range(2)))
        doubled = Question.objects.filter(quiz=quiz).count() == 4
        Question.objects.filter(quiz=quiz).delete()
    assert doubled is not (lock or constraint)
