"""The course that Open edX shows itself with: a real one, by others. Skipped where it is not at hand."""

import json
import re
from pathlib import Path

from courses.exchange.olx.structure import OlxCourse, QuizContent, TextContent, VideoContent
from tests.courses.exchange.conftest import read_from


def contents(course: OlxCourse, kind):
    return [content for module in course.modules for content in module.contents if isinstance(content, kind)]


def test_every_block_that_independent_parsers_found_is_read_and_accounted_for(demo_course: Path) -> None:
    expected = json.loads((demo_course.parents[1] / "expected.json").read_text("utf-8"))["olx"][
        "olx-openedx-demo/course"
    ]
    course = read_from(demo_course)
    assert (course.org, course.course, course.run) == (expected["org"], expected["course"], expected["run"])
    assert {kind: count.read for kind, count in course.blocks.items()} == expected["reachable"]
    for kind, count in course.blocks.items():
        assert count.read == count.imported + count.left_out, kind
        assert sum(entry.kind == kind for entry in course.left_out) == count.left_out, kind


def test_what_comes_of_it(demo_course: Path) -> None:
    course = read_from(demo_course)
    imported = {kind: count.imported for kind, count in course.blocks.items() if count.imported}
    assert imported == {
        "course": 1,
        "chapter": 6,
        "sequential": 17,
        "vertical": 58,
        "html": 202,
        "video": 11,
        "problem": 18,
        "library_content": 1,
    }
    assert [len(module.contents) for module in course.modules] == [11, 19, 61, 14, 7, 1]
    assert len(contents(course, VideoContent)) == 11
    assert len(contents(course, QuizContent)) == 9
    assert sum(len(quiz.questions) for quiz in contents(course, QuizContent)) == 25
    assert sum(len(video.subtitles) for video in contents(course, VideoContent)) == 6


def test_no_text_of_it_carries_a_script_or_a_line_that_markdown_would_read(demo_course: Path) -> None:
    for text in contents(read_from(demo_course), TextContent):
        assert "<script" not in text.html
        assert not re.search(r"<[^>]*\s(on\w+|style)=", text.html)
        assert all(line.strip() and not line.startswith((" ", "\t")) for line in text.html.split("\n"))


def test_the_problems_of_its_library_are_one_quiz(demo_course: Path) -> None:
    quiz = next(quiz for quiz in contents(read_from(demo_course), QuizContent) if quiz.title == "Randomized Content")
    assert [question.question_type for question in quiz.questions] == ["multiple_choice"] * 5 + ["numeric"]
