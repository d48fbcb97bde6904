"""Subtitle files beside a video, as cues."""

import json
from collections.abc import Iterator
from html import unescape

import pysubs2

from courses.exchange.olx.markup import clean_text
from courses.exchange.olx.structure import Cue

_MAX_CUES = 20_000
_MOST_SECONDS = 1_000_000


def read_cues(text: str, name: str) -> tuple[Cue, ...]:
    """Return the cues of an SRT, WebVTT or (``.sjson``) Open edX subtitle file, by start.

    There are none in a damaged one: it costs the subtitles, not the video.
    """
    try:
        cues = list(_of_sjson(text) if name.endswith(".sjson") else _of_subtitles(text))
    except (pysubs2.exceptions.Pysubs2Error, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()
    kept = [cue for cue in cues if cue.text and 0 <= cue.start <= cue.end < _MOST_SECONDS]
    return tuple(sorted(kept[:_MAX_CUES], key=lambda cue: (cue.start, cue.end)))


def _of_subtitles(text: str) -> Iterator[Cue]:
    for event in pysubs2.SSAFile.from_string(text.lstrip("\ufeff")):
        if not event.is_comment:
            yield Cue(event.start / 1000, event.end / 1000, _tidy(event.plaintext))


def _of_sjson(text: str) -> Iterator[Cue]:
    """Read ``{"start": [ms], "end": [ms], "text": […]}``; Open edX writes null for a moment without words."""
    columns = json.loads(text)
    for start, end, words in zip(columns["start"], columns["end"], columns["text"], strict=True):
        yield Cue(float(start) / 1000, float(end) / 1000, _tidy(words or ""))


def _tidy(text: str) -> str:
    """Return the words as they are spoken: Studio writes an apostrophe as ``&#39;``, in every format."""
    text = unescape(text)
    return clean_text("\n".join(line.strip() for line in text.splitlines() if line.strip()))
