"""``manage.py import_course``: what it writes, what it says, and what it leaves alone when it runs again."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import end_access, grant_access
from courses.exchange import services
from courses.exchange.olx import ImportRefused
from courses.exchange.services import import_olx_course
from courses.models import Asset, Content, Course, Enrollment, Module, Progress, Question, Quiz, QuizAttempt, Subtitle
from tests.courses.exchange.conftest import Write, packed
from tests.crowd import all_at_once
from tests.factories.courses import contents_of, enroll
from tests.factories.people import person

UNIT = (
    '<html url_name="h1"><p>Hello <b>hand</b></p><img src="/static/a.png"/></html>'
    '<video url_name="v1" display_name="Wave" youtube_id_1_0="abcdefghijk">'
    '<transcript language="en" src="a.srt"/></video>'
    '<problem url_name="p1"><multiplechoiceresponse><label>Which?</label><choicegroup>'
    '<choice correct="true">Flat</choice><choice correct="false">Round</choice></choicegroup>'
    "<solution>Flat it is.</solution></multiplechoiceresponse></problem>"
    '<problem url_name="p2"><numericalresponse answer="5"><label>How many?</label></numericalresponse></problem>'
)
FILES: dict[str, str | bytes] = {
    "static/a.png": b"\x89PNG a",
    "static/a.srt": "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
}


def run(path: Path, *arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_course", str(path), "--json", *arguments, stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return report


def rows() -> dict[str, list[Any]]:
    """Return everything that an import writes, as it is."""
    models = (Course, Module, Content, Quiz, Question, Subtitle, Asset)
    left_out = {"version", "updated_at"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in left_out}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in models
    }


@pytest.fixture
def lesson(write_course: Write) -> Path:
    return write_course(UNIT, FILES)


def test_the_report_is_one_object_with_the_names_that_scripts_rely_on(asha: CustomUser, lesson: Path) -> None:
    report = run(lesson)
    course = Course.objects.get()
    assert report == {
        "course_id": course.pk,
        "title": "Signs",
        "blocks": {
            "course": {"read": 1, "imported": 1, "left_out": 0},
            "chapter": {"read": 1, "imported": 1, "left_out": 0},
            "sequential": {"read": 1, "imported": 1, "left_out": 0},
            "vertical": {"read": 1, "imported": 1, "left_out": 0},
            "html": {"read": 1, "imported": 1, "left_out": 0},
            "video": {"read": 1, "imported": 1, "left_out": 0},
            "problem": {"read": 2, "imported": 2, "left_out": 0},
        },
        "left_out": [],
    }


def test_a_new_course_is_free_and_a_draft_of_the_only_instructor(asha: CustomUser, lesson: Path) -> None:
    run(lesson)
    course = Course.objects.get()
    assert (course.instructor, course.price_paise, course.is_published) == (asha, 0, False)
    assert (course.content_count, course.external_id) == (3, "olx:Demo/SIGN1/2026")


def test_contents_carry_what_the_file_says(asha: CustomUser, lesson: Path) -> None:
    run(lesson)
    text, video, quiz = contents_of(Course.objects.get())
    asset = Asset.objects.get()
    assert asset.file.read() == b"\x89PNG a"
    assert text.text_html == f'<div>\n<p>Hello <b>hand</b></p>\n<img src="asset:{asset.pk}">\n</div>'
    assert {content.section for content in (text, video, quiz)} == {"Greetings"}
    assert (video.title, video.video_url) == ("Wave", "https://www.youtube.com/watch?v=abcdefghijk")
    assert list(Subtitle.objects.values_list("content", "language", "cues")) == [
        (video.pk, "en", [{"start": 1.0, "end": 2.0, "text": "Hello"}])
    ]
    first, second = Question.objects.filter(quiz__content=quiz)
    assert (first.question_text, first.key.explanation) == ("Which?", "Flat it is.")
    assert [(row.option_text, row.is_correct) for row in first.options.all()] == [("Flat", True), ("Round", False)]
    assert (second.question_type, second.key.number) == ("numeric", Decimal(5))


def test_price_publish_and_instructor_are_taken(asha: CustomUser, lesson: Path) -> None:
    other = person("other-teacher", role="instructor")
    run(packed(lesson), "--price", "499.50", "--publish", "--instructor", "Other-Teacher@demo.school")
    course = Course.objects.get()
    assert (course.price_paise, course.is_published, course.instructor) == (49950, True, other)
    assert course.published_at is not None


def test_the_course_is_found_by_its_name_in_the_catalogue(asha: CustomUser, lesson: Path, anonymous: Any) -> None:
    run(lesson, "--publish")
    answer = anonymous.get("/api/courses/courses/", {"search": "sings"})
    assert [course["title"] for course in answer.json()["results"]] == ["Signs"]


def test_the_same_file_again_changes_nothing(asha: CustomUser, lesson: Path) -> None:
    run(lesson, "--publish", "--price", "499")
    before = rows()
    report = run(packed(lesson))
    assert report["course_id"] == before["Course"][0]["id"]
    assert rows() == before


def test_a_changed_file_changes_only_what_changed(asha: CustomUser, bilal: CustomUser, write_course: Write) -> None:
    run(write_course(UNIT, FILES), "--publish")
    course = Course.objects.get()
    text, video, _quiz = contents_of(course)
    enrollment = enroll(bilal, course)
    done = Progress.objects.create(
        enrollment=enrollment, content=video, time_spent=30, position_at=timezone.now(), updated_at=timezone.now()
    )
    options = list(Question.objects.get(external_id="problem/p1").options.values_list("pk", "option_text"))
    changed = UNIT.replace("Hello", "Good evening").replace("Which?", "Which hand?").replace('answer="5"', 'answer="6"')
    run(write_course('<html url_name="h0"><p>New</p></html>' + VIDEO_BREAK + changed, FILES))
    assert Content.objects.get(pk=text.pk).version == 2
    assert Content.objects.get(pk=video.pk).version == 1
    assert "Good evening" in Content.objects.get(pk=text.pk).text_html
    assert Progress.objects.get(pk=done.pk).time_spent == 30
    question = Question.objects.get(external_id="problem/p1")
    assert question.question_text == "Which hand?"
    assert list(question.options.values_list("pk", "option_text")) == options
    assert Question.objects.get(external_id="problem/p2").key.number == 6
    assert [content.external_id for content in contents_of(course)] == [
        "html/h0",
        "video/v0",
        "html/h1",
        "video/v1",
        "quiz/u1",
    ]
    course.refresh_from_db()
    assert (course.content_count, course.is_published) == (5, True)


VIDEO_BREAK = '<video url_name="v0" display_name="Pause" youtube_id_1_0="abcdefghijk"/>'


def test_what_vanished_goes_unless_somebody_has_work_in_it(
    asha: CustomUser, bilal: CustomUser, write_course: Write
) -> None:
    chapters = '<course display_name="Signs"><chapter url_name="c1"/><chapter url_name="c2"/></course>'
    second = {
        "course/2026.xml": chapters,
        "chapter/c2.xml": '<chapter display_name="More"><vertical url_name="u2"/></chapter>',
        "vertical/u2.xml": f'<vertical display_name="More">{VIDEO_BREAK}</vertical>',
    }
    run(write_course(UNIT, {**FILES, **second}))
    course = Course.objects.get()
    _text, video, quiz, _pause = contents_of(course)
    enrollment = enroll(bilal, course)
    QuizAttempt.objects.create(
        user=bilal, quiz=quiz.quiz, enrollment=enrollment, attempt_number=1, started_at=timezone.now()
    )
    by_hand = Content.objects.create(module=video.module, title="By hand", content_type="text", order=9)
    one_chapter = '<course display_name="Signs"><chapter url_name="c1"/></course>'
    run(write_course('<html url_name="h1"><p>Hello</p></html>', {"course/2026.xml": one_chapter}))
    assert set(contents_of(course)) == {_text, quiz, by_hand}
    assert [module.title for module in Module.objects.all()] == ["First steps"]
    course.refresh_from_db()
    assert course.content_count == 3


def test_the_report_for_people_names_what_was_kept_and_what_was_missing(
    asha: CustomUser, bilal: CustomUser, write_course: Write, capsys: Any
) -> None:
    run(write_course(UNIT, FILES))
    video = contents_of(Course.objects.get())[1]
    Progress.objects.create(
        enrollment=enroll(bilal, Course.objects.get()),
        content=video,
        position_at=timezone.now(),
        updated_at=timezone.now(),
    )
    text = '<html url_name="h1"><p>Hello</p><img src="/static/gone.png"/></html><poll url_name="q"/>'
    call_command("import_course", str(write_course(text, {"poll/q.xml": "<poll/>"})))
    told = capsys.readouterr()
    assert "Updated course" in told.out
    assert "Kept, because learners have work in it: Wave" in told.out
    assert "Named in a text and not in the file: gone.png" in told.out
    assert "poll q: blocks of the kind poll have no counterpart here" in told.out
    assert "Reading" in told.err


def test_a_question_that_changes_its_type_or_vanishes_is_made_anew(asha: CustomUser, write_course: Write) -> None:
    run(write_course(UNIT, FILES))
    old = Question.objects.get(external_id="problem/p2")
    unit = '<problem url_name="p2"><stringresponse answer="five"><label>How many?</label></stringresponse></problem>'
    run(write_course(unit))
    question = Question.objects.get()
    assert (question.external_id, question.question_type) == ("problem/p2", "fill_in_blank")
    assert question.pk != old.pk


def test_what_an_author_set_on_a_question_survives_a_new_text(asha: CustomUser, write_course: Write) -> None:
    run(write_course(UNIT, FILES))
    Question.objects.filter(external_id="problem/p1").update(difficulty="hard", topic="hands")
    run(write_course(UNIT.replace("Which?", "Which one?"), FILES))
    question = Question.objects.get(external_id="problem/p1")
    assert (question.question_text, question.difficulty, question.topic) == ("Which one?", "hard", "hands")


def test_a_course_keeps_its_price_and_owner_until_told_otherwise(asha: CustomUser, lesson: Path) -> None:
    run(lesson, "--price", "499")
    other = person("other-teacher", role="instructor")
    run(lesson)
    assert Course.objects.get().instructor == asha
    run(lesson, "--instructor", other.email)
    course = Course.objects.get()
    assert (course.instructor, course.price_paise) == (other, 49900)


def test_a_question_that_the_platform_could_not_ask_is_left_out(asha: CustomUser, write_course: Write) -> None:
    choices = "".join(f"<choice correct='{n == 0}'>{n}</choice>" for n in range(51))
    unit = UNIT + f'<problem url_name="p3"><choiceresponse>{choices}</choiceresponse></problem>'
    report = run(write_course(unit, FILES))
    assert report["left_out"] == [{"kind": "problem", "id": "p3", "reason": "Give 2 to 50 options."}]


def test_without_a_single_instructor_the_first_administrator_teaches(admin: CustomUser, lesson: Path) -> None:
    run(lesson)
    assert Course.objects.get().instructor == admin


def test_with_nobody_to_teach_it_nothing_is_imported(bilal: CustomUser, lesson: Path) -> None:
    with pytest.raises(CommandError, match="Say who teaches the course"):
        run(lesson)
    assert not Course.objects.exists()


@pytest.mark.parametrize("email", ["bilal@demo.school", "nobody@demo.school"])
def test_somebody_who_may_not_teach_is_refused(asha: CustomUser, bilal: CustomUser, lesson: Path, email: str) -> None:
    with pytest.raises(CommandError, match="may teach here"):
        run(lesson, "--instructor", email)
    assert not Course.objects.exists()


@pytest.mark.parametrize("price", ["many", "-1", "nan", "100000000"])
def test_a_price_that_is_none_is_refused(asha: CustomUser, lesson: Path, price: str) -> None:
    with pytest.raises(CommandError, match="is not a price"):
        run(lesson, f"--price={price}")
    assert not Course.objects.exists()


def test_a_price_that_no_gateway_takes_is_refused(asha: CustomUser, lesson: Path) -> None:
    with pytest.raises(CommandError, match="costs at least"):
        run(lesson, "--price=0.50")
    assert not Course.objects.exists()


def import_while_access_ends(write_course: Write, learner: CustomUser, *, patience: float) -> list[Any]:
    """Import a course with a content less while an enrolment in it ends: each has what the other wants next.

    Who has the enrolment waits so many seconds for the other to have the course.
    """
    run(write_course(UNIT, FILES))
    course = Course.objects.get()
    grant_access(
        user_id=learner.pk, course_id=course.pk, source="manual", reference="m:1", reason="", at=timezone.now()
    )
    shorter, course_is_held = write_course('<html url_name="h9"><p>Other</p></html>', {}), Event()

    def after_the_course(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith('UPDATE "courses_course"'):
            course_is_held.set()
        return result

    def wait_with_the_enrolment(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "FOR NO KEY UPDATE" in sql:
            course_is_held.wait(timeout=patience)
        return result

    def import_again() -> None:
        with connection.execute_wrapper(after_the_course):
            import_olx_course(path=shorter)

    def end() -> None:
        with connection.execute_wrapper(wait_with_the_enrolment):
            assert end_access(source="manual", reference="m:1", reason="over", at=timezone.now())

    return all_at_once(import_again, end)


@pytest.mark.django_db(transaction=True)
def test_an_import_and_the_end_of_an_enrolment_do_not_wait_for_each_other(
    asha: CustomUser, bilal: CustomUser, write_course: Write
) -> None:
    assert import_while_access_ends(write_course, bilal, patience=1) == [None, None]
    assert [Course.objects.get().enrolled_count, Content.objects.count()] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_without_holding_the_enrolments_first_they_do(
    asha: CustomUser,
    bilal: CustomUser,
    write_course: Write,
    on_postgresql: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: nobody holds what another waits for")
    monkeypatch.setattr(services, "hold_learners", lambda read: None)
    with pytest.raises(OperationalError, match="deadlock"):
        import_while_access_ends(write_course, bilal, patience=60)


@pytest.mark.parametrize(
    "files",
    [
        {"vertical/u1.xml": '<!DOCTYPE v [<!ENTITY a "ha">]><vertical>&a;</vertical>'},
        {"vertical/u1.xml": '<vertical><problem url_name="../../x"/></vertical>'},
        {"vertical/u1.xml": "<vertical>"},
        {"course.xml": "<library/>"},
    ],
)
def test_a_bad_file_changes_nothing_of_a_course_that_is_there(
    asha: CustomUser, lesson: Path, write_course: Write, files: dict[str, str | bytes]
) -> None:
    run(lesson)
    before = rows()
    with pytest.raises(CommandError):
        run(write_course("", files, folder="bad"))
    assert rows() == before


def test_a_failure_while_writing_changes_nothing(asha: CustomUser, lesson: Path, monkeypatch: Any) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("courses.exchange.services.refresh_course", fail)
    with pytest.raises(RuntimeError):
        run(lesson)
    assert not Course.objects.exists()


def test_a_path_that_cannot_be_opened_is_refused(asha: CustomUser) -> None:
    with pytest.raises(CommandError, match="too long"):
        run(Path("x" * 5000))


@pytest.mark.django_db(transaction=True)
def test_the_same_course_imported_twice_at_once_is_one_course(
    asha: CustomUser, lesson: Path, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: the second import waits for the first")
    both_have_read = Barrier(2)

    def imported(_number: int) -> str:
        def step(kind: str, name: str) -> None:
            if name == "p2":
                both_have_read.wait(timeout=10)

        try:
            import_olx_course(path=lesson, step=step)
        except ImportRefused as refusal:
            return str(refusal)
        finally:
            connection.close()
        return "imported"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(imported, range(2)))
    assert outcomes[-1] == "imported"
    assert outcomes[0] in {"imported", "The same course is being imported at this moment."}
    assert Course.objects.count() == 1
    assert Content.objects.count() == 3


def test_statements_do_not_grow_with_the_contents(asha: CustomUser, write_course: Write) -> None:
    def statements(texts: int, run_name: str) -> int:
        unit = "".join(
            f'<html url_name="h{n}"><p>{n}</p></html>{VIDEO_BREAK.replace("v0", f"v{n}")}' for n in range(texts)
        )
        course_xml = f'<course url_name="2026" org="Demo" course="{run_name}"/>'
        with CaptureQueriesContext(connection) as captured:
            run(write_course(unit, {"course.xml": course_xml}, folder=run_name))
        return len(captured)

    assert statements(1, "small") == statements(20, "large")


def test_the_real_course_comes_in_and_comes_again(asha: CustomUser, demo_course: Path) -> None:
    report = run(demo_course, "--publish")
    course = Course.objects.get()
    assert report["blocks"]["problem"] == {"read": 29, "imported": 18, "left_out": 11}
    assert len(report["left_out"]) == sum(count["left_out"] for count in report["blocks"].values())
    assert course.content_count == Content.objects.count() == 113
    assert Question.objects.count() == 25
    assert Subtitle.objects.count() == 6
    assert not Enrollment.objects.exists()
    before = rows()
    assert run(demo_course) == report
    assert rows() == before
