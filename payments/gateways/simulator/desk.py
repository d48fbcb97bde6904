"""The counter that every call comes to: where objects are kept, what time it is, who is told of events."""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from django.utils.crypto import get_random_string

Entity = dict[str, Any]
Body = Mapping[str, Any]

_ID_CHARACTERS = string.ascii_letters + string.digits
_MOST_NOTES = 15
_LONGEST_NOTE = 256
_CURRENCIES = frozenset({"INR", "USD", "EUR", "GBP", "SGD"})
LEAST_PAISE = 100


class Store(Protocol):
    """Where objects are kept. Objects are found by ``kind`` and id, or listed by what they belong to."""

    def get(self, kind: str, object_id: str, *, for_change: bool = False) -> Entity | None:
        """Return a copy. ``for_change``: nobody else may hold it so until the caller is done."""

    def add(self, kind: str, entity: Entity, *, parent: str = "", label: str = "") -> None:
        """Keep a new object; ``parent`` and ``label`` are what it is listed by."""

    def put(self, kind: str, entity: Entity) -> None:
        """Keep an object as it is now."""

    def listed(self, kind: str, *, parent: str | None = None, label: str | None = None) -> list[Entity]:
        """Return copies, newest first, as Razorpay lists them."""


@dataclass
class MemoryStore:
    """Objects in a dictionary. Whoever shares it brings a lock."""

    _kept: dict[tuple[str, str], tuple[Entity, str, str]] = field(default_factory=dict)

    def get(self, kind: str, object_id: str, *, for_change: bool = False) -> Entity | None:
        kept = self._kept.get((kind, object_id))
        return dict(kept[0]) if kept else None

    def add(self, kind: str, entity: Entity, *, parent: str = "", label: str = "") -> None:
        self._kept[kind, entity["id"]] = (dict(entity), parent, label)

    def put(self, kind: str, entity: Entity) -> None:
        _, parent, label = self._kept[kind, entity["id"]]
        self._kept[kind, entity["id"]] = (dict(entity), parent, label)

    def listed(self, kind: str, *, parent: str | None = None, label: str | None = None) -> list[Entity]:
        return [
            dict(entity)
            for (its_kind, _), (entity, its_parent, its_label) in reversed(self._kept.items())
            if its_kind == kind and parent in (None, its_parent) and label in (None, its_label)
        ]


class WireError(Exception):
    """A refusal in Razorpay's words."""

    def __init__(self, description: str, *, reason: str = "input_validation_failed", field: str | None = None) -> None:
        super().__init__(description)
        self.status = 400
        self.description = description
        self.reason = reason
        self.field = field

    def body(self) -> Entity:
        return error_body("BAD_REQUEST_ERROR", self.description, reason=self.reason, field=self.field)


class KeyReused(WireError):
    """The idempotency key came before, with another body."""

    def __init__(self) -> None:
        super().__init__("Different request with the same idempotency key has already been processed.")
        self.status = 409


def error_body(code: str, description: str, *, reason: str = "NA", field: str | None = None) -> Entity:
    return {
        "error": {
            "code": code,
            "description": description,
            "field": field,
            "source": "business",
            "step": "payment_initiation",
            "reason": reason,
            "metadata": {},
        }
    }


@dataclass(frozen=True)
class Desk:
    """What every operation works with. ``tell`` gets the id of an event and its body, as it is at that moment."""

    store: Store
    now: Callable[[], int]
    tell: Callable[[str, Entity], None]
    account_id: str
    chance: Random | None = None
    short_url: Callable[[str], str] = "https://rzp.io/i/{}".format

    def new_id(self, prefix: str) -> str:
        """Return a prefix and 14 letters and digits, as all of Razorpay's ids."""
        if self.chance is None:
            return prefix + get_random_string(14, _ID_CHARACTERS)
        return prefix + "".join(self.chance.choices(_ID_CHARACTERS, k=14))

    def found(self, kind: str, object_id: str, *, for_change: bool = False) -> Entity:
        entity = self.store.get(kind, object_id, for_change=for_change)
        if entity is None:
            raise WireError("The id provided does not exist", reason="NA")
        return entity

    def event(self, name: str, **entities: Entity) -> None:
        """Announce that something happened to these objects."""
        body = {
            "entity": "event",
            "account_id": self.account_id,
            "event": name,
            "contains": list(entities),
            "payload": {kind: {"entity": shown(entity)} for kind, entity in entities.items()},
            "created_at": self.now(),
        }
        self.tell(self.new_id(""), body)


def shown(entity: Entity) -> Entity:
    """Return what the world sees of an object: names beginning with ``_`` are our own bookkeeping."""
    return {name: value for name, value in entity.items() if not name.startswith("_")}


def only(body: Body, *, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
    """Refuse what Razorpay refuses: fields it does not document, and required ones that are missing."""
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise WireError(f"{', '.join(unknown)} is/are not required and should not be sent", field=unknown[0])
    for name in required:
        if body.get(name) in (None, ""):
            raise WireError(f"The {name.replace('_', ' ')} field is required.", field=name)


def amount_in(body: Body, name: str = "amount") -> int:
    """Return an amount in paise: a whole number, or one written as text as in the SDK's own examples."""
    value = body.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError(f"The {name} must be an integer.", field=name)
    if value < LEAST_PAISE:
        raise WireError("The amount must be at least INR 1.00", field=name)
    return value


def whole_number_in(body: Body, name: str, *, least: int = 1, default: int | None = None) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise WireError(f"The {name.replace('_', ' ')} must be at least {least}.", field=name)
    return value


def currency_in(body: Body) -> str:
    value = body.get("currency")
    if not isinstance(value, str) or value not in _CURRENCIES:
        raise WireError("Currency is not supported", field="currency")
    return value


def notes_in(body: Body) -> Entity | list[Any]:
    """Return the notes. Empty ones are shown as ``[]``, which is what Razorpay does."""
    notes = body.get("notes") or {}
    if not isinstance(notes, Mapping):
        raise WireError("The notes must be an array.", field="notes")
    if len(notes) > _MOST_NOTES or any(len(str(value)) > _LONGEST_NOTE for value in notes.values()):
        raise WireError("Number of fields in notes should be less than or equal to 15", field="notes")
    return dict(notes) or []


def receipt_in(body: Body) -> str | None:
    receipt = body.get("receipt")
    if receipt is None or (isinstance(receipt, str) and len(receipt) <= 40):
        return receipt
    raise WireError("The receipt may not be greater than 40 characters.", field="receipt")
