"""A course as read: plain values, in the order of the file. ``external_id`` is stable from one export to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Final, Literal, TypeAlias

_LONGEST_NAME: Final = 240
QuestionKind: TypeAlias = Literal["multiple_choice", "multiple_select", "true_false", "fill_in_blank", "numeric"]


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle; ``start`` and ``end`` in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    language: str
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Option:
    text: str
    is_correct: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question in its author's shape; which of the last four fields count depends on ``question_type``.

    ``tolerance`` is absolute: an answer is right within ``number`` ± ``tolerance``, both ends included.
    """

    external_id: str
    question_type: QuestionKind
    text: str
    points: int
    explanation: str = ""
    options: tuple[Option, ...] = ()
    accepted_answers: tuple[str, ...] = ()
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VideoContent:
    """``duration`` in seconds, None where the file doesn't know it."""

    external_id: str
    title: str
    section: str
    url: str
    duration: int | None
    subtitles: tuple[SubtitleTrack, ...]


@dataclass(frozen=True, slots=True)
class TextContent:
    """``html`` is sanitised and names files as ``/static/<name>``; having no blank line, it passes through Markdown."""

    external_id: str
    title: str
    section: str
    html: str


@dataclass(frozen=True, slots=True)
class QuizContent:
    external_id: str
    title: str
    section: str
    questions: tuple[Question, ...]


Content: TypeAlias = VideoContent | TextContent | QuizContent


@dataclass(frozen=True, slots=True)
class Module:
    external_id: str
    title: str
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    kind: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockCount:
    """Always ``read == imported + left_out``."""

    read: int
    imported: int
    left_out: int


@dataclass(frozen=True, slots=True)
class OlxCourse:
    """``summary`` and ``description`` are plain text.

    ``static_files`` are the files under ``static/`` that texts show and that are there; ``missing_files``
    those that texts name and that are not.
    """

    org: str
    course: str
    run: str
    title: str
    language: str
    summary: str
    description: str
    modules: tuple[Module, ...]
    blocks: Mapping[str, BlockCount]
    left_out: tuple[LeftOut, ...]
    static_files: tuple[str, ...]
    missing_files: tuple[str, ...]

    @property
    def external_id(self) -> str:
        """What makes it the same course when it comes again: org, course and run."""
        name = f"{self.org}/{self.course}/{self.run}"
        return f"olx:{name if len(name) <= _LONGEST_NAME else sha256(name.encode()).hexdigest()}"
