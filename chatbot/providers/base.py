"""What the tutor asks of a provider, whichever it is.

A provider is given all it may know in the prompt. It has no tools, and no way to ask for more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of what a model reads."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a content that the asker may open. ``number`` is how an answer names it: ``[2]``.

    ``start_seconds`` is where in the video it is said, None for what is read. ``is_close``: by what an embedding
    model makes of both, it means nearly what was asked.
    """

    number: int
    chunk_id: int
    content_id: int
    course_id: int
    title: str
    text: str
    start_seconds: int | None = None
    is_close: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a provider is told. ``turns`` hold the passages already; ``question`` and ``passages`` are the same once
    more for a provider that quotes instead of writing. ``schema``: the answer is to be JSON of this shape.
    """

    turns: Sequence[Turn]
    question: str = ""
    passages: Sequence[Passage] = ()
    most_tokens: int = 800
    schema: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """The end of an answer: what it took. ``is_estimate`` where the provider did not say. ``model`` is who wrote it."""

    prompt_tokens: int
    completion_tokens: int
    model: str
    is_estimate: bool = False


class ProviderFailed(Exception):
    """A provider gave no answer, or broke off. ``outcome`` as in ``ProviderCall``; ``began``: words had come."""

    def __init__(self, outcome: str, *, began: bool = False) -> None:
        self.outcome, self.began = outcome, began
        super().__init__(outcome)


class Provider(Protocol):
    name: str
    model: str

    def stream(self, prompt: Prompt) -> Iterator[Piece | Usage]:
        """Yield the answer in pieces and last its usage. Raises ``ProviderFailed``. Closing it ends the call."""
        ...


def estimated_tokens(text: str) -> int:
    """Return about how many tokens ``text`` is, rather too many: one for three Latin letters, one for any other."""
    latin = sum(character.isascii() for character in text)
    return (len(text) - latin) + latin // 3 + 1
