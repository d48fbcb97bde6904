"""Documents and films are told by their structure; whatever could run, or was not judged, is refused."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads import DOCUMENT, FILM, JudgedFile, judged_upload
from tests.factories.uploads import HTML, MP4, PDF, SVG, WEBM, office, package, picture, upload

ODF = "application/vnd.oasis.opendocument."


def judged(data: bytes, name: str = "file") -> JudgedFile:
    return judged_upload(upload(data, name), families=(DOCUMENT, FILM), attr="file")


def refusal(data: bytes, name: str = "file") -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        judged(data, name)
    assert refused.value.attr == "file"
    return refused.value.status, refused.value.code


@pytest.mark.parametrize(
    ("data", "name", "ending"),
    [
        (PDF, "a.exe", ".pdf"),
        (office(), "a.zip", ".docx"),
        (office("spreadsheetml.sheet"), "a", ".xlsx"),
        (office("presentationml.presentation"), "a.pptx", ".pptx"),
        (package({"mimetype": f"{ODF}text".encode(), "content.xml": b"<x/>"}), "a.odt", ".odt"),
        (package({"mimetype": f"{ODF}spreadsheet".encode()}), "a.ods", ".ods"),
        (package({"mimetype": f"{ODF}presentation".encode()}), "a.odp", ".odp"),
        (package({"mimetype": b"application/epub+zip", "a.xhtml": HTML}), "a.epub", ".epub"),
        (b"plain words", "a.TXT", ".txt"),
        (b"\xef\xbb\xbfwith,a,mark\r\n", "a.csv", ".csv"),
        ("# अध्याय\n\f<b>bold</b>".encode(), "a.markdown", ".md"),
        (b"a < b", "a.txt", ".txt"),
        (MP4, "a.txt", ".mp4"),
        (WEBM, "a.mp4", ".webm"),
    ],
)
def test_what_is_inside_says_what_it_is(data: bytes, name: str, ending: str) -> None:
    file = judged(data, name)

    assert file.name == f"{file.digest[:32]}{ending}"
    assert file.read() == data
    assert file.original_name == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "a.svg"),
        (SVG, "a.txt"),
        (b"\xef\xbb\xbf \n" + HTML, "a.txt"),
        (b"<?xml version='1.0'?><html/>", "a.md"),
        (HTML, "a.html"),
        (b"plain words", "a.html"),
        (b"plain words", "a"),
        (b"\xff\xfeplain", "a.txt"),
        (b"a\x00b", "a.txt"),
        (b"\x1b[2J", "a.txt"),
        (b"MZ\x90\x00\x03", "a.pdf"),
        (HTML + PDF, "a.pdf"),
        (picture("GIF") + b"alert(1)", "a.pdf"),
        (picture(), "a.pdf"),
        (package({"a.txt": b"words"}), "a.docx"),
        (package({"mimetype": b"application/zip"}), "a.odt"),
        (office("wordprocessingml.document", **{"word/vbaProject.bin": b"macro"}), "a.docx"),
        (package({"mimetype": f"{ODF}text".encode(), "Basic/Standard/Module1.xml": b""}), "a.odt"),
        (package({"mimetype": f"{ODF}text".encode()}, comment=HTML), "a.odt"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "a.mp4"),
        (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska" + b"\x00" * 80, "a.webm"),
    ],
)  # fmt: skip
def test_what_could_run_or_pretends_is_415(data: bytes, name: str) -> None:
    status, code = refusal(data, name)

    assert (status, code) in {(415, "kind_not_allowed"), (400, "broken_file")}
    assert (status, code) == (415, "kind_not_allowed") or data.endswith(HTML)


@pytest.mark.parametrize("data", [PDF[:-6], b"%PDF-", office()[:-5], office()[:30], office() + HTML, PDF + b"x" * 2000])
def test_a_damaged_document_is_400(data: bytes) -> None:
    assert refusal(data) == (400, "broken_file")


def test_no_bytes_are_400() -> None:
    assert refusal(b"") == (400, "empty")


def test_an_archive_in_front_of_which_something_stands_is_refused() -> None:
    """``zipfile`` would find the archive behind it: a PDF to one program, an office file to another."""
    assert refusal(b"PK\x03\x04" + HTML + office())[0] in {400, 415}


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = package({"mimetype": f"{ODF}text".encode(), **{f"{number}": b"\x00" * 50_000_000 for number in range(22)}})

    assert len(bomb) < 2_000_000
    assert refusal(bomb) == (415, "kind_not_allowed")


def test_a_directory_that_would_keep_us_busy_is_refused_unread() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 20_000_000, 4, 0)
    assert refusal(b"PK\x03\x04" + b"\x00" * 100 + end) == (415, "kind_not_allowed")


def test_each_family_has_its_limit(settings: Any) -> None:
    settings.UPLOAD_MAX_DOCUMENT_BYTES, settings.UPLOAD_MAX_VIDEO_BYTES = len(PDF), len(MP4)

    assert judged(PDF)
    assert judged(MP4)
    assert refusal(PDF + b"\n") == (413, "too_large")
    assert refusal(MP4 + b"\x00") == (413, "too_large")


def test_a_letter_that_stands_across_two_pieces_is_one_letter() -> None:
    text = "a" * (64 * 1024 - 1) + "अ" + "b" * 70_000
    assert judged(text.encode(), "a.txt")
    assert refusal(text.encode()[: 64 * 1024 + 1], "a.txt") == (415, "kind_not_allowed")
    assert judged(b"a" * (128 * 1024), "a.txt")
    assert refusal(("a" * (64 * 1024 - 1) + "अ").encode()[: 64 * 1024], "a.txt") == (415, "kind_not_allowed")


def outcome(data: bytes, name: str) -> int:
    try:
        judged(data, name)
    except ApiError as refused:
        return refused.status
    return 200


@given(
    data=st.binary(max_size=60),
    head=st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"RIFF", b"\x00\x00\x00\x18ftyp"]),
)
@hypothesis_settings(max_examples=150)
def test_any_bytes_are_judged(data: bytes, head: bytes) -> None:
    assert outcome(head + data, "a.txt") in {200, 400, 415}


@given(where=st.integers(0, 400), put=st.binary(min_size=1, max_size=6))
@hypothesis_settings(max_examples=150)
def test_any_damage_to_an_office_file_is_judged(where: int, put: bytes) -> None:
    data = bytearray(office())
    where %= len(data)
    data[where : where + len(put)] = put
    assert outcome(bytes(data), "a.docx") in {200, 400, 415}
