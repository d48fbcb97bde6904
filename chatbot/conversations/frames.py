"""What is said of an answer while it is written and once it is there: the same by stream, by socket and whole."""

from datetime import datetime
from typing import Annotated

import msgspec

MOST_CHARACTERS = 4000


class Question(msgspec.Struct, frozen=True, tag_field="type", tag="question"):
    """Asks the tutor. Its answer comes to every socket of the conversation."""

    content: Annotated[str, msgspec.Meta(max_length=MOST_CHARACTERS)]


class TutorCitation(msgspec.Struct, frozen=True):
    """Where ``[number]`` of an answer is from. ``quote`` stands so in the content; ``start_seconds`` only in videos."""

    number: int
    content_id: int
    course_id: int
    title: str
    quote: str
    start_seconds: int | None


class TutorMessage(msgspec.Struct, frozen=True):
    """A message of a conversation. ``state`` is ``pending``, ``complete``, ``declined`` or ``broken``."""

    id: int
    role: str
    content: str
    citations: list[TutorCitation]
    model: str
    tokens: int
    state: str
    is_helpful: bool | None
    created_at: datetime


class Delta(msgspec.Struct, frozen=True, tag_field="type", tag="delta"):
    """The next words of an answer."""

    content: str


class Cited(TutorCitation, frozen=True, tag_field="type", tag="citation"):
    """A place that the answer was taken from; comes after its last words."""


class Done(TutorMessage, frozen=True, tag_field="type", tag="done"):
    """The answer as it is kept."""


Said = Delta | Cited | Done
