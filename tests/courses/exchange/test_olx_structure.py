"""Chapters, sections and units as modules and contents, and the account of every block."""

from pathlib import Path

import pytest

from courses.exchange.olx import ImportRefused
from courses.exchange.olx.structure import LeftOut, QuizContent, TextContent, VideoContent
from tests.courses.exchange.conftest import Read, Write, packed, read_from

QUESTION = (
    '<problem url_name="{0}"><stringresponse answer="A"><label>{0}?</label><textline/></stringresponse></problem>'
)
VIDEO = '<video url_name="{0}" display_name="Wave" youtube_id_1_0="abcdefghijk"/>'


def titles(course):
    return [content.title for module in course.modules for content in module.contents]


def test_a_unit_becomes_its_videos_its_runs_of_html_and_one_quiz_in_document_order(read: Read) -> None:
    course = read(
        '<html url_name="h1"><p>one</p></html><html url_name="h2"><p>two</p></html>'
        + VIDEO.format("v1")
        + '<html url_name="h3"><p>three</p></html>'
        + QUESTION.format("p1")
        + VIDEO.format("v2")
        + QUESTION.format("p2")
    )
    module = course.modules[0]
    assert (module.title, module.external_id) == ("First steps", "chapter/c1")
    first, video, second, quiz, other_video = module.contents
    assert isinstance(first, TextContent)
    assert "one" in first.html
    assert "two" in first.html
    assert (first.title, first.external_id) == ("Hello (1)", "html/h1")
    assert isinstance(second, TextContent)
    assert (second.title, second.external_id) == ("Hello (2)", "html/h3")
    assert isinstance(quiz, QuizContent)
    assert [question.external_id for question in quiz.questions] == ["problem/p1", "problem/p2"]
    assert isinstance(video, VideoContent)
    assert isinstance(other_video, VideoContent)
    assert {content.section for content in module.contents} == {"Greetings"}


def test_a_unit_with_one_run_of_html_keeps_its_name(read: Read) -> None:
    assert titles(read('<html url_name="h1"><p>one</p></html>')) == ["Hello"]


def test_every_block_is_read_and_either_imported_or_left_out_with_a_reason(read: Read) -> None:
    course = read(
        '<html url_name="h1"><p>one</p></html><html url_name="h2"><style>p {}</style></html><poll url_name="q"/>'
        '<lti url_name="l" launch_url="x"/><problem url_name="gone"/>'
        '<library_content url_name="lib"><problem url_name="p1"><p>no answer asked</p></problem></library_content>'
    )
    for kind, count in course.blocks.items():
        assert count.read == count.imported + count.left_out, kind
        assert sum(entry.kind == kind for entry in course.left_out) == count.left_out, kind
    assert course.left_out == (
        LeftOut("html", "h2", "only styles or scripts, and nothing to show"),
        LeftOut("poll", "q", "its file is missing"),
        LeftOut("lti", "l", "blocks of the kind lti have no counterpart here"),
        LeftOut("problem", "gone", "its file is missing"),
        LeftOut("problem", "p1", "it asks for no answer"),
        LeftOut("library_content", "lib", "nothing in it could be imported"),
    )
    assert course.blocks["vertical"].imported == 1


def test_problems_in_a_library_join_the_quiz_of_their_unit(read: Read) -> None:
    course = read(QUESTION.format("p1") + f'<library_content url_name="l">{QUESTION.format("p2")}</library_content>')
    quiz = course.modules[0].contents[0]
    assert isinstance(quiz, QuizContent)
    assert len(quiz.questions) == 2
    assert course.blocks["library_content"].imported == 1


@pytest.mark.parametrize(
    "attributes", ['visible_to_staff_only="true"', """group_access='{"7": [1]}'""", """group_access='not json'"""]
)
def test_what_not_every_learner_may_see_stays_out_with_all_it_holds(write_course: Write, attributes: str) -> None:
    folder = write_course(VIDEO.format("v1"))
    hidden = '<vertical url_name="u2" {}><html url_name="h1"><p>secret</p></html></vertical>'
    sequential = folder / "sequential/s1.xml"
    sequential.write_text(
        f'<sequential><vertical url_name="u1"/>{hidden.format(attributes)}</sequential>', encoding="utf-8"
    )
    course = read_from(folder)
    assert titles(course) == ["Wave"]
    assert [(entry.kind, entry.id) for entry in course.left_out] == [("html", "h1"), ("vertical", "u2")]


def test_an_open_group_access_hides_nothing(read: Read) -> None:
    assert titles(read("""<html url_name="h" group_access='{"7": []}'><p>for all</p></html>""")) == ["Hello"]


def test_a_variant_of_a_split_test_stays_out(read: Read) -> None:
    course = read(VIDEO.format("v1") + f'<split_test url_name="t">{VIDEO.format("v2")}</split_test>')
    assert {(entry.kind, entry.id) for entry in course.left_out} == {("video", "v2"), ("split_test", "t")}


def test_a_block_named_twice_comes_along_once(read: Read) -> None:
    course = read(VIDEO.format("v1") + VIDEO.format("v1"))
    assert titles(course) == ["Wave"]
    assert course.left_out == (LeftOut("video", "v1", "it stands in the course a second time"),)


def test_names_come_from_the_policy_in_older_courses(read: Read) -> None:
    policy = '{"course/2026": {"display_name": "Old signs"}, "html/h1": {"visible_to_staff_only": true}, "x": 1}'
    course = read(
        '<html url_name="h1"><p>one</p></html><html url_name="h2"><p>two</p></html>',
        {"policies/2026/policy.json": policy},
    )
    assert course.title == "Old signs"
    assert course.left_out == (LeftOut("html", "h1", "only its course's staff may see it"),)


def test_what_tells_of_the_course_is_read(read: Read) -> None:
    course = read(
        '<html url_name="h1"><p>one</p></html>',
        {
            "about/overview.html": "<h2>About</h2><ul><li>A &amp; B<li>C</ul><script>x</script>",
            "about/short_description.html": "Signs,\n for all.",
        },
    )
    assert (course.org, course.course, course.run, course.external_id) == (
        "Demo",
        "SIGN1",
        "2026",
        "olx:Demo/SIGN1/2026",
    )
    assert (course.title, course.language, course.summary) == ("Signs", "en", "Signs, for all.")
    assert course.description == "About\n- A & B\n- C"


def test_a_course_in_one_file_without_sections_is_read(tmp_path: Path) -> None:
    (tmp_path / "course.xml").write_text(
        '<course org="D" course="C" url_name="R"><chapter display_name="One">'
        '<vertical display_name="U"><html><p>inside</p></html></vertical><html display_name="Alone"><p>x</p></html>'
        "</chapter><sequential/><wiki slug='w'/></course>",
        encoding="utf-8",
    )
    course = read_from(tmp_path)
    assert titles(course) == ["U", "Alone"]
    assert course.title == "C"
    assert [(entry.kind, entry.reason) for entry in course.left_out] == [
        ("sequential", "only chapters stand at the top of a course")
    ]


def test_empty_chapters_and_sections_are_left_out(write_course: Write) -> None:
    folder = write_course(VIDEO.format("v1"))
    (folder / "course/2026.xml").write_text(
        '<course><chapter url_name="c1"/><chapter url_name="c2"><sequential url_name="s2"/></chapter></course>',
        encoding="utf-8",
    )
    course = read_from(folder)
    assert len(course.modules) == 1
    assert [(entry.kind, entry.id) for entry in course.left_out] == [("sequential", "s2"), ("chapter", "c2")]


def test_an_archive_reads_as_its_folder_does(write_course: Write) -> None:
    folder = write_course(VIDEO.format("v1"), {"static/a.png": b"\x89PNG"})
    assert read_from(packed(folder)) == read_from(folder)


def test_an_archive_without_a_folder_around_it_reads_too(write_course: Write) -> None:
    folder = write_course(VIDEO.format("v1"))
    assert read_from(packed(folder, name=".")) == read_from(folder)


def test_each_block_is_announced_as_it_is_read(write_course: Write) -> None:
    from courses.exchange.olx import open_course, read_course

    announced: list[tuple[str, str]] = []
    with open_course(write_course(VIDEO.format("v1"))) as files:
        read_course(files, step=lambda kind, name: announced.append((kind, name)))
    assert [kind for kind, _name in announced] == ["course", "chapter", "sequential", "vertical", "video"]


def test_a_course_with_nothing_to_import_is_refused(read: Read) -> None:
    with pytest.raises(ImportRefused, match=r"nothing .* that can be imported .*left out: 4"):
        read('<lti url_name="x" launch_url="y"/>')
