"""A file of questions as read and as written: plain values, in the order of the file."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from courses.assessment.kinds import QuestionDraft
from courses.exchange.olx.structure import BlockCount, LeftOut

#: Before the ``external_id`` of a question that came in a file, so that a course's import leaves it alone.
FILE_ID: Final = "file:"
#: What formats have no field for travels in tags, ``topic:Fractions``; as Moodle keeps tags, nothing gets lost there.
TOPIC_TAG, DIFFICULTY_TAG, POINTS_TAG, TYPE_TAG = "topic:", "difficulty:", "points:", "type:"


@dataclass(frozen=True, slots=True)
class Built:
    """A question in our shape, ``said`` being which of points, difficulty and topic its file speaks of.

    ``notes`` tell people what came along in another form.
    """

    draft: QuestionDraft
    said: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


Build: TypeAlias = Callable[[], Built]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that stands in a file, as its format's reader found it.

    ``build`` makes the question of it, or raises NotImported with the reason why there is none.
    ``given_id`` is what the file calls it from one export to the next; most files don't.
    """

    kind: str
    build: Build
    name: str = ""
    given_id: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A question that comes along. ``id`` is what people find it by in the file."""

    kind: str
    id: str
    built: Built


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """``read`` counts by kind. ``encoding`` is how the text was read, ``is_guessed`` whether the file didn't say."""

    format: str
    encoding: str
    is_guessed: bool
    read: Mapping[str, int]
    found: tuple[Found, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """``changed`` names questions that don't read back the same, and in what: no format has a place for everything."""

    text: str
    read: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    changed: tuple[LeftOut, ...]


def tally(read: Mapping[str, int], left_out: tuple[LeftOut, ...]) -> dict[str, BlockCount]:
    """Count what was read by kind; what is not left out came along, so that the counts always add up."""
    left = Counter(entry.kind for entry in left_out)
    return {kind: BlockCount(count, count - left[kind], left[kind]) for kind, count in read.items()}
