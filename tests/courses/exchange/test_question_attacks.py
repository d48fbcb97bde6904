"""What a file of questions from a stranger may try. Each attack is refused with a clear text, or harmless."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CustomUser
from courses.exchange.olx import ImportRefused
from courses.exchange.questions import FORMATS, read_questions
from courses.exchange.questions import files as question_files
from courses.exchange.questions.files import decode, format_of
from courses.models import Question
from tests.factories.quizzes import course_with_quiz

LAUGHS = (
    '<!DOCTYPE quiz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><quiz><question type="essay">&b;</question></quiz>'
)
OUTSIDE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="essay">&x;</question></quiz>'
TRUE_FALSE = "Größe?{T}"


@pytest.mark.parametrize("document", [LAUGHS, OUTSIDE, "<!DOCTYPE quiz><quiz/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_whatever_it_declares(document: str, encoding: str) -> None:
    with pytest.raises(ImportRefused, match="declares a document type or entities"):
        read_questions(document.encode(encoding))


@pytest.mark.parametrize(
    "document", ["<quiz>", "<?xml version='1.0' encoding='nonsense'?><quiz/>", "<quiz>&nbsp;</quiz>"]
)
def test_broken_xml_is_refused(document: str) -> None:
    with pytest.raises(ImportRefused, match="not well-formed XML"):
        read_questions(document.encode())


def test_xml_of_another_kind_is_refused() -> None:
    with pytest.raises(ImportRefused, match="no questions of Moodle"):
        read_questions(b"<?xml version='1.0'?><html/>")


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(ImportRefused, match="nested deeper"):
        read_questions(b"<quiz>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</quiz>")


@pytest.mark.parametrize("html", ["<div>" * 50_000, "<b><i>" * 5000, "<p>" * 500 + "<ul><li>" * 200])
def test_html_nested_without_end_leaves_the_question_out(html: str) -> None:
    [left] = read_questions(f"[html]{html}what?{{T}}\n".encode()).left_out
    assert "nested too deep" in left.reason or "more than" in left.reason


@pytest.mark.parametrize("mark", ["[html]", "[markdown]", "[moodle]", "[plain]"])
@pytest.mark.parametrize(
    "piece", ["<", "<!--", "&", "[", "[a](", "**", "> ", "<a ", "<br ", "`", "\\{", "%", "::", "#"]
)
def test_repetitions_cost_no_quadratic_time(mark: str, piece: str) -> None:
    text = f"{mark}{piece * 8000}{{T}}"
    assert sum(read_questions(text.encode(), file_format="gift").read.values()) == 1


@pytest.mark.parametrize("data", [b"", b"\n \n", b"// only a comment\n", b"<quiz></quiz>", b"<quiz/>"])
def test_nothing_in_it_is_said(data: bytes) -> None:
    with pytest.raises(ImportRefused, match="no question in this file"):
        read_questions(data)


@pytest.mark.parametrize("data", [b"What?{=a\0b}", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a\0b".encode("utf-16")])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ImportRefused, match=r"not text|not readable text"):
        read_questions(data)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ImportRefused, match="not readable text"):
        read_questions(TRUE_FALSE.encode("utf-16") + b"\0")


@pytest.mark.parametrize(
    ("data", "encoding", "is_guessed"),
    [
        (TRUE_FALSE.encode(), "utf-8", False),
        (TRUE_FALSE.encode("utf-8-sig"), "utf-8", False),
        (TRUE_FALSE.encode("utf-16"), "utf-16-le", False),
        (b"\xfe\xff" + TRUE_FALSE.encode("utf-16-be"), "utf-16-be", False),
        (TRUE_FALSE.encode("utf-16-le"), "utf-16-le", True),
        (TRUE_FALSE.encode("utf-16-be"), "utf-16-be", True),
        (TRUE_FALSE.encode("cp1252"), "cp1252", True),
        (b"// \x81\n" + TRUE_FALSE.encode("latin-1"), "latin-1", True),
    ],
)
def test_text_is_read_in_the_encoding_that_it_is_in(data: bytes, encoding: str, is_guessed: bool) -> None:
    file = read_questions(data)
    assert (file.encoding, file.is_guessed) == (encoding, is_guessed)
    assert file.found[0].built.draft.question_text == "Größe?"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(line_end: str) -> None:
    file = read_questions(line_end.join(["One?{T}", "", "Two", "lines?{F}"]).encode())
    assert [found.built.draft.question_text for found in file.found] == ["One?", "Two\nlines?"]


def test_control_characters_go() -> None:
    [found] = read_questions(b"What\x07 \x1b[31mis?{T}").found
    assert found.built.draft.question_text == "What [31mis?"


def test_marks_of_our_own_cannot_be_smuggled_in() -> None:
    [found] = read_questions("What\ufdd3=x\ufdd4?{T}".encode()).found
    assert found.built.draft.question_text == "What=x?"


@pytest.mark.parametrize(
    ("text", "file_format"),
    [
        ("<?xml version='1.0'?><quiz/>", "moodle-xml"),
        ("\n <quiz>", "moodle-xml"),
        ("What?\nA) a\nB) b\nANSWER: A", "aiken"),
        ("<b>What</b>?{T}", "gift"),
        ("ANSWER: A", "gift"),
        ("What?", "gift"),
    ],
)
def test_a_format_is_told_by_its_content(text: str, file_format: str) -> None:
    assert format_of(text) == file_format


def test_too_many_questions_are_refused() -> None:
    with pytest.raises(ImportRefused, match="more than 5000 questions"):
        read_questions(b"a?{T}\n\n" * 5001)


def test_a_file_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_files, "MAX_BYTES", 100)
    path = tmp_path / "large.gift"
    path.write_bytes(b"a" * 101)
    with pytest.raises(ImportRefused, match="too large"):
        question_files.read_bytes(path)


def test_texts_past_what_an_author_may_write_leave_the_question_out() -> None:
    file = read_questions(f"{'a' * 10_001}?{{T}}\n\nb?{{T####{'c' * 10_001}}}".encode())
    assert [left.reason for left in file.left_out] == ["a text of more than 10000 characters"] * 2


def test_a_long_id_and_a_long_name_are_kept_short(asha: CustomUser, tmp_path: Path) -> None:
    quiz, path = course_with_quiz(asha, [])[1], tmp_path / "long.gift"
    path.write_text(f"// [id:{'i' * 5000}]\n::{'n' * 5000}::What?{{T}}")
    for _round in range(2):
        call_command("import_questions", str(path), "--quiz", str(quiz.pk))
    assert len(Question.objects.get(quiz=quiz).external_id) < 255


def test_what_is_refused_has_changed_nothing(asha: CustomUser, tmp_path: Path) -> None:
    quiz, path = course_with_quiz(asha, [])[1], tmp_path / "bad.xml"
    path.write_text(LAUGHS)
    with pytest.raises(CommandError, match="declares a document type"):
        call_command("import_questions", str(path), "--quiz", str(quiz.pk))
    assert not Question.objects.filter(quiz=quiz).exists()


@pytest.mark.parametrize("file_format", FORMATS)
@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no finding
@given(data=st.binary(max_size=200) | st.text("\\:#={}~%*->$ANSWER: AB).\n[]html1", max_size=120).map(str.encode))
def test_any_bytes_are_read_or_refused_and_always_accounted_for(file_format: str, data: bytes) -> None:
    try:
        file = read_questions(data, file_format=file_format)
    except ImportRefused:
        return
    assert sum(file.read.values()) == len(file.found) + len(file.left_out)
    assert all(left.reason for left in file.left_out)


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text = decode(data).text
    except ImportRefused:
        return
    assert "\0" not in text
    assert "\r" not in text
