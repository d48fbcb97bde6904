"""Subtitle files: read whatever their form, refused where they are broken, written as WebVTT."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.languages.cues import (
    MOST_BYTES,
    Cue,
    InvalidSubtitles,
    SubtitlesTooLarge,
    as_webvtt,
    overlapping_texts,
    read_subtitles,
    words_of,
)

SHARED = Path(__file__).parents[3] / ".." / "shared" / "data"
SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello,\nBilal!\n\n2\n00:01:00,000 --> 00:01:01,000\nBye\n"
CUES = [Cue(start=1.0, end=2.5, text="Hello,\nBilal!"), Cue(start=60.0, end=61.0, text="Bye")]
VTT = """WEBVTT - signs

NOTE seen by nobody

STYLE
::cue {}

first
00:01.000 --> 00:02.500 align:left
Hello,
Bilal!

00:01:00.000 --> 00:01:01.000
Bye
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:01:00.00,0:01:01.00,Default,,0,0,0,,{\\i1}Bye{\\i0}
Comment: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,seen by nobody
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Asha,0,0,0,,Hello,\\NBilal!
"""


@pytest.mark.parametrize("text", [SRT, VTT, ASS], ids=["srt", "vtt", "ass"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_format_encoding_and_line_end_reads_the_same(text: str, encoding: str, line_end: str) -> None:
    assert read_subtitles(text.replace("\n", line_end).encode(encoding)) == CUES


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<i>Hi</i> <font color='red'>there</font>", "Hi there"),
        ("{\\an8}Up here", "Up here"),
        ("Fish &amp; chips", "Fish & chips"),
        ("&lt;b&gt; is bold", "<b> is bold"),
        ("a < b and c > d", "a < b and c > d"),
        ("f'{name}' in C:\\new", "f'{name}' in C:\\new"),
        ("नमस्ते", "नमस्ते"),
        ("  spaced  ", "spaced"),
        ("be\x07ll\ufeff", "bell"),
    ],
)
def test_markup_goes_and_words_stay(said: str, shown: str) -> None:
    [cue] = read_subtitles(f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n".encode())
    assert cue["text"] == shown


def test_karaoke_and_voices_of_webvtt_are_markup() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Asha>One <00:01.500><c.loud>two</c></v>\n"
    assert read_subtitles(text.encode())[0]["text"] == "One two"


def test_cues_come_by_start_and_those_of_no_length_are_left_out() -> None:
    text = (
        "WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nsooner\n\n"
        "00:03.000 --> 00:03.000\nnever\n\n00:04.000 --> 00:03.000\nbackwards\n\n00:04.000 --> 00:05.000\n\n"
    )
    assert [cue["text"] for cue in read_subtitles(text.encode())] == ["sooner", "later"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"\xff\xff\xff",
        b"\x00",
        "Grüße --> ".encode("latin-1"),
        b"WEBVTT",
        b"no subtitles at all",
        b"-->",
        b"1\n00:00:01,000 --> \nHello",
        b"[Events]\nDialogue: broken",
        b"[Events]\nDialogue: 0,yesterday,0:00:01.00,D,,0,0,0,,Hello",
        b"1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n",
        b"<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'/>",
        b"{1}{100}MicroDVD",
    ],
)
def test_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidSubtitles):
        read_subtitles(data)


def test_refusal_names_the_file() -> None:
    with pytest.raises(InvalidSubtitles) as refused:
        read_subtitles(b"?", name="hello.srt")
    assert str(refused.value.message).startswith("hello.srt: ")


def test_file_past_a_megabyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(SubtitlesTooLarge):
        read_subtitles(b"?" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    "stuffing",
    [b"{", b"<a", b"\n", b" \n", b"a\n1", b"<", b"\\N", b"{\\", b"&#", b"< ", b"-->", b"\n-->", b"1:", b"(", b"{\\p"],
)
@pytest.mark.parametrize("head", [SRT.encode(), b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"[Events]\nDialogue: "])
def test_hostile_file_takes_no_longer_than_a_large_one(head: bytes, stuffing: bytes) -> None:
    data = (head + stuffing * (MOST_BYTES // len(stuffing)))[: MOST_BYTES - 1] + b"x"
    began = time.process_time()
    with suppress(InvalidSubtitles):
        read_subtitles(data)
    # What is quadratic takes minutes.
    assert time.process_time() - began < 5


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore"))))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    for head in (b"", SRT.encode(), b"WEBVTT\n\n", b"[Events]\nDialogue: "):
        try:
            cues = read_subtitles(head + noise)
        except InvalidSubtitles:
            continue
        assert all(0 <= cue["start"] < cue["end"] and cue["text"] and "\0" not in cue["text"] for cue in cues)
        assert cues == sorted(cues, key=lambda cue: (cue["start"], cue["end"]))


_said = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5 * 10**7), st.integers(1, 10_000), _said), min_size=1, max_size=10))
def test_webvtt_reads_back_to_the_same(rows: list[tuple[int, int, str]]) -> None:
    cues = [Cue(start=at / 1000, end=(at + length) / 1000, text=said) for at, length, said in sorted(rows)]
    cues.sort(key=lambda cue: (cue["start"], cue["end"]))
    # A stand-in of the reader's own comes back as what it stands for; nobody writes those.
    if any(0xE000 <= ord(letter) <= 0xF8FF for cue in cues for letter in cue["text"]):
        return
    assert read_subtitles(as_webvtt(cues).encode()) == cues


def test_webvtt_has_its_form() -> None:
    cues = [Cue(start=3661.5, end=3662, text="a --> b\n<i> & co")]
    assert as_webvtt(cues) == "WEBVTT\n\n01:01:01.500 --> 01:01:02.000\na --&gt; b\n&lt;i&gt; &amp; co\n"


def test_translation_is_the_cue_that_shares_the_most_time() -> None:
    def cue(start: float, end: float, text: str) -> Cue:
        return Cue(start=start, end=end, text=text)

    cues = [cue(0, 2, "a"), cue(2, 4, "b"), cue(10, 11, "c"), cue(20, 30, "d")]
    others = [cue(0, 2.5, "A"), cue(2.6, 4, "B"), cue(11, 12, "X"), cue(19, 40, "D"), cue(21, 22, "Y")]
    assert overlapping_texts(cues, others) == ["A", "B", None, "D"]
    assert overlapping_texts(cues, []) == [None] * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, Bilal! It's a well-known sign.", ["Hello", "Bilal", "It's", "a", "well-known", "sign"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया"]),
        ("- Yes.\n- No?", ["Yes", "No"]),
        ("…", []),
        ("'quoted' - dashed -", ["quoted", "dashed"]),
    ],
)
def test_words_stand_in_their_order(text: str, words: list[str]) -> None:
    assert words_of(text) == words


#: Where ours differs from pysubs2 alone, and why.
DIFFERENT = {
    "sub-astisub/example-in-carriage-return.srt": 3,  # line ends of the old Macintosh
    "sub-astisub/example-in-carriage-return.ssa": 3,
    "sub-astisub/example-in-carriage-return.vtt": 3,
    "sub-webvttpy/missing_caption_text.srt": 4,  # a cue without words is none
    "sub-webvttpy/missing_caption_text.vtt": 4,
    "sub-webvttpy/invalid_timeframe_in_cue_text.vtt": 3,
    "sub-webvttpy/invalid_format4.srt": None,
    "sub-webvttpy/no_captions.vtt": None,
}


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/data is not here: real subtitle files are not in the repository"
)
def test_real_files_give_the_cues_that_other_readers_find() -> None:
    expected: dict[str, Any] = json.loads((SHARED / "expected.json").read_text())["subtitles"]
    names = [name for name in expected if name.endswith((".srt", ".vtt", ".ssa", ".ass"))]
    assert len(names) > 40
    for name in names:
        count = expected[name]["pysubs2"]
        count = DIFFERENT.get(name, count if isinstance(count, int) else None)
        try:
            cues = read_subtitles((SHARED / name).read_bytes())
        except InvalidSubtitles:
            assert count is None, name
            continue
        assert len(cues) == count, name
        if name not in DIFFERENT and cues:
            first, last = expected[name]["span_ms"]
            assert (round(cues[0]["start"] * 1000), round(max(cue["end"] for cue in cues) * 1000)) == (first, last), (
                name
            )
