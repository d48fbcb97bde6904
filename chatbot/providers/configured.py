"""The models of the settings: which, where, with which key, at what price."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

#: In AI_API_KEYS: the server at this place asks for no key.
NO_KEY = "-"


@dataclass(frozen=True, slots=True)
class Place:
    """A model at an address. Prices are of a million tokens; the key is shown nowhere."""

    model: str
    address: str
    key: str = field(repr=False)
    price_read: float = 0.0
    price_written: float = 0.0

    def cost_micros(self, prompt_tokens: int, completion_tokens: int) -> int:
        """Return what so many tokens cost, in millionths: a price of a million tokens is a millionth of it for one."""
        return round(prompt_tokens * self.price_read + completion_tokens * self.price_written)


def configured_places() -> list[Place]:
    """Return the models of the settings in the order in which they are asked."""
    return [
        Place(
            model=model,
            address=_at(settings.AI_BASE_URLS, number),
            key=key_at(number),
            price_read=_at(settings.AI_PRICES_READ, number) or 0.0,
            price_written=_at(settings.AI_PRICES_WRITTEN, number) or 0.0,
        )
        for number, model in enumerate(settings.AI_MODELS)
    ]


def key_at(number: int) -> str:
    key: str = _at(settings.AI_API_KEYS, number) or NO_KEY
    return "" if key == NO_KEY else key


def embedding_place() -> Place:
    """Return the model that makes vectors, where that isn't the one in the wheel: at an address and with a key of its
    own, or both as the first model of answers has them. A key goes nowhere else.
    """
    own: str = settings.AI_EMBEDDING_API_KEY
    beside_answers = not settings.AI_EMBEDDING_BASE_URL
    key = key_at(0) if beside_answers and not own else own
    return Place(
        model=settings.AI_EMBEDDING_MODEL,
        address=_at(settings.AI_BASE_URLS, 0) if beside_answers else settings.AI_EMBEDDING_BASE_URL,
        key="" if key == NO_KEY else key,
        price_read=settings.AI_EMBEDDING_PRICE,
    )


def _at(values: Sequence[Any], number: int) -> Any:
    """Return the value at a place; the last of a shorter list serves the rest, and an empty list nobody."""
    return values[min(number, len(values) - 1)] if values else ""
