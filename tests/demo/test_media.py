"""The demo courses as data, and the drawings that made their pictures and films."""

import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image, ImageChops, ImageStat

from e_learning.demo import alphabet, numbers_in_signs, spoken_english
from e_learning.demo.drawing import films, pictures, sheet
from e_learning.demo.outline import MEDIA, Content, Question, QuestionType

COURSES = (alphabet.COURSE, spoken_english.COURSE, numbers_in_signs.COURSE)
QUESTIONS = spoken_english.QUIZ.questions


def contents() -> Iterator[Content]:
    return (content for course in COURSES for module in course.modules for content in module.contents)


def test_media_are_exactly_the_files_that_the_courses_name_and_stay_under_two_megabytes() -> None:
    named = {course.thumbnail for course in COURSES}
    for content in contents():
        named |= {content.video_file, content.poster, content.document} | {file for _, file in content.subtitles}
    kept = {path.name: path.stat().st_size for path in MEDIA.iterdir()}
    assert kept.keys() == named - {""}
    assert sum(kept.values()) < 2_000_000


def test_alphabet_has_a_film_and_a_picture_for_each_of_26_letters_in_order() -> None:
    lessons = [content for module in alphabet.COURSE.modules for content in module.contents]
    assert [lesson.title[-1] for lesson in lessons] == list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert all(lesson.video_file and lesson.poster and lesson.text_content for lesson in lessons)


def test_spoken_english_has_every_content_type_and_its_quiz_every_question_type() -> None:
    types = {content.content_type for module in spoken_english.COURSE.modules for content in module.contents}
    assert types == {"video", "text", "document", "quiz"}
    assert spoken_english.COURSE.price == Decimal("499.00")
    assert sorted(question.question_type for question in QUESTIONS) == sorted(get_args(QuestionType))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question_type)
def test_every_question_has_the_key_that_its_type_needs_and_says_why(question: Question) -> None:
    right = sum(option.is_correct for option in question.options)
    key_is_whole = {
        "multiple_choice": right == 1 and len(question.options) > 1,
        "multiple_select": 1 < right < len(question.options),
        "true_false": right == 1 and len(question.options) == 2,
        "fill_in_blank": bool(question.accepted_answers),
        "numeric": question.number is not None,
        "matching": len(question.pairs) > 1,
        "ordering": len(question.options) > 1 and right == 0,
        "essay": not (question.options or question.accepted_answers or question.pairs),
    }
    assert key_is_whole[question.question_type]
    assert question.explanation


def test_quiz_can_be_passed_while_the_essay_waits_for_its_teacher() -> None:
    points = sum(question.points for question in QUESTIONS)
    marked_at_once = sum(question.points for question in QUESTIONS if question.question_type != "essay")
    assert marked_at_once / points * 100 >= spoken_english.QUIZ.passing_score


def test_the_kept_pictures_are_what_the_drawing_draws(tmp_path: Path) -> None:
    pictures.write_pictures(tmp_path)
    drawn = {path.name: Image.open(path) for path in tmp_path.iterdir()}
    assert len(drawn) == 29
    for name, picture in drawn.items():
        difference = ImageChops.difference(picture.convert("RGB"), Image.open(MEDIA / name).convert("RGB"))
        assert max(ImageStat.Stat(difference).mean) < 2, name  # encoders differ a little from release to release


def test_a_letter_that_moves_leaves_its_path_and_one_that_stands_still_comes_to_rest() -> None:
    for letter, seconds_at_rest in (("z", 0.2), ("m", 1.5)):
        frames = [frame.tobytes() for frame in films.letter_frames(letter)]
        assert len(frames) == films.RATE * alphabet.FILM_SECONDS
        resting = round(films.RATE * seconds_at_rest)
        assert len(set(frames[-resting:])) == 1
        assert frames[0] != frames[-1]


def test_hello_film_shows_each_line_while_its_subtitle_is_shown() -> None:
    def seconds(time: str) -> float:
        return float(time[-6:])

    cues = [
        line.split(" --> ")
        for line in (MEDIA / "spoken-english-hello.en.vtt").read_text().splitlines()
        if "-->" in line
    ]
    assert [(seconds(start), seconds(end)) for start, end in cues] == [(line[1], line[2]) for line in films.HELLO_LINES]
    assert all(one[1] <= two[0] for one, two in pairwise((line[1], line[2]) for line in films.HELLO_LINES))
    first = next(films.hello_frames())
    assert first.size == (480, 270)


def test_phrase_sheet_is_kept_as_written_and_its_table_points_at_its_objects() -> None:
    pdf = sheet.phrase_sheet()
    assert (MEDIA / "spoken-english-phrases.pdf").read_bytes() == pdf
    table = io.BytesIO(pdf[int(pdf.split(b"startxref\n")[1].split()[0]) :])
    assert table.readline() == b"xref\n"
    count = int(table.readline().split()[1])
    assert table.readline().endswith(b" f \n")
    for number in range(1, count):
        start = int(table.readline().split()[0])
        assert pdf[start:].startswith(b"%d 0 obj" % number)
