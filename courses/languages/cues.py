"""Subtitle files in, cues out, and back as WebVTT. Pure functions.

A cue is ``{"start", "end", "text"}``: seconds with decimals, text without markup. Timestamps and the
grouping of lines are pysubs2's. What it does not do is done before: line ends, WebVTT's blocks that
are no cues, and markup, stripped by patterns that stay linear on hostile files (the library's own
are quadratic) and that leave a brace or a backslash that somebody really said.
"""

import html
import re
from collections.abc import Iterable, Sequence
from typing import TypedDict
from unicodedata import category

import pysubs2
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import ApiError, InvalidInput

MOST_BYTES = 1024 * 1024
MOST_CUES = 20_000

_OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # {\an8} in SRT and WebVTT
_ASS_OVERRIDE = re.compile(r"\{[^{}]*\}")
_ASS_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]*>")  # <i>, <font color=…>, <v Asha>, <00:01.500>
_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t\n]*")
#: What the library would take for markup, while it reads.
_STAND_INS = {"{": "\ue000", "}": "\ue001", "<": "\ue002", "\\": "\ue003"}
_HIDE = str.maketrans(_STAND_INS)
_SHOW = str.maketrans({stand_in: real for real, stand_in in _STAND_INS.items()})
_INSIDE_WORDS = frozenset("'’-\u200c\u200d")  # the joiners shape Indic letters
_UNPRINTABLE = {code: None for code in range(32) if chr(code) not in "\n\t"} | {0x7F: None, 0xFEFF: None}


class Cue(TypedDict):
    start: float
    end: float
    text: str


class InvalidSubtitles(InvalidInput):
    code = "invalid_subtitles"
    message = _("This is no SRT, WebVTT or ASS file with at least one subtitle.")


class SubtitlesTooLarge(ApiError):
    status = 413
    code = "too_large"
    message = _("A subtitle file has at most 1 MB.")


def read_subtitles(data: bytes, *, name: str = "") -> list[Cue]:
    """Return the cues of an SRT, WebVTT, ASS or SSA file, by start; ``name`` is what messages call it.

    UTF-8 or UTF-16, with or without a byte order mark; any line ends. Cues without text, or that end
    before they start, are left out. Raises ``InvalidSubtitles`` (400) and ``SubtitlesTooLarge`` (413).
    """
    if len(data) > MOST_BYTES:
        raise SubtitlesTooLarge
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").translate(_UNPRINTABLE)
    if text.count("-->") > MOST_CUES:
        raise _invalid(name)
    kind, prepared = _prepared(text, name)
    try:
        read = pysubs2.SSAFile.from_string(prepared, format_=kind)
    except Exception as error:  # the library raises whatever a broken line makes it trip over
        raise _invalid(name) from error
    cues = [
        Cue(start=event.start / 1000, end=event.end / 1000, text=_shown(event.plaintext))
        for event in read
        if not event.is_comment and 0 <= event.start < event.end
    ]
    cues = [cue for cue in cues if cue["text"]]
    if not cues or len(cues) > MOST_CUES:
        raise _invalid(name)
    return sorted(cues, key=lambda cue: (cue["start"], cue["end"]))


def as_webvtt(cues: Iterable[Cue]) -> str:
    """Return the cues as a WebVTT file (https://www.w3.org/TR/webvtt1/)."""
    blocks = (
        f"{_timestamp(cue['start'])} --> {_timestamp(cue['end'])}\n{html.escape(cue['text'], quote=False)}\n"
        for cue in cues
    )
    return "\n".join(("WEBVTT\n", *blocks))


def overlapping_texts(cues: Sequence[Cue], others: Sequence[Cue]) -> list[str | None]:
    """Return for each cue the text of the one among ``others`` that shares the most time with it, None where none does.

    Both by start.
    """
    texts: list[str | None] = []
    first = 0
    for cue in cues:
        # Others that ended before this start are behind every later start too.
        while first < len(others) and others[first]["end"] <= cue["start"]:
            first += 1
        best, most = None, 0.0
        for other in others[first:]:
            if other["start"] >= cue["end"]:
                break
            shared = min(cue["end"], other["end"]) - max(cue["start"], other["start"])
            if shared > most:
                best, most = other["text"], shared
        texts.append(best)
    return texts


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, in any script that parts them: letters, marks, digits, inner ' and -."""
    kept = (letter if letter in _INSIDE_WORDS or category(letter)[0] in "LMN" else " " for letter in text)
    words = (word.strip("'’-") for word in "".join(kept).split())
    return [word for word in words if word]


def _decoded(data: bytes) -> str:
    encoding = "utf-8-sig"
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidSubtitles(_("The file is neither UTF-8 nor UTF-16 text.")) from error


def _prepared(text: str, name: str) -> tuple[str, str]:
    """Return the format and the text that pysubs2 is to read it from."""
    if text.lstrip().startswith("WEBVTT"):
        return "vtt", _without_markup("\n\n".join(_cue_blocks(text)))
    if re.search(r"^\[(Script Info|V4\+? Styles|Events)\]", text, re.IGNORECASE | re.MULTILINE):
        return "ass", _dialogue(text)
    if "-->" in text:
        return "srt", _without_markup(_BLANK_LINES.sub("\n\n", text))
    raise _invalid(name)


def _cue_blocks(text: str) -> Iterable[str]:
    """Yield the cues of a WebVTT file from their timing on; headers, notes, styles and identifiers are left behind."""
    for block in _BLANK_LINES.split(text):
        head, arrow, _rest = block.partition("-->")
        if arrow:
            yield block[head.rfind("\n") + 1 :]


def _without_markup(text: str) -> str:
    return _TAG.sub("", _OVERRIDE.sub("", text)).translate(_HIDE)


def _dialogue(text: str) -> str:
    """Keep the spoken lines of an ASS file: no styles, comments, fonts, nor lines that draw."""
    spoken = (line for line in text.split("\n") if line.startswith("Dialogue:") and not _ASS_DRAWING.search(line))
    # The first field is a layer in ASS and a mark in SSA, and says nothing here: with 0 both are read alike.
    lines = (f"Dialogue: 0,{line.partition(',')[2]}" for line in spoken)
    return "\n".join(_ASS_OVERRIDE.sub("", line).replace("{", _STAND_INS["{"]) for line in lines)


def _shown(text: str) -> str:
    lines = (line.strip() for line in html.unescape(text.translate(_SHOW)).translate(_UNPRINTABLE).split("\n"))
    return "\n".join(line for line in lines if line)


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _invalid(name: str) -> InvalidSubtitles:
    return InvalidSubtitles(f"{name}: {InvalidSubtitles.message}") if name else InvalidSubtitles()
