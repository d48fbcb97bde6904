"""What somebody wants to say, what became of it, and what no message may be."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from community.chat.frames import MessageShown
from e_learning.core.api.errors import InvalidInput
from e_learning.core.api.paths import MOST_ID

MOST_CHARACTERS = 4000


class TooLong(InvalidInput):
    code = "too_long"
    message = _("A message has at most 4000 characters.")


class Blank(InvalidInput):
    code = "blank"
    message = _("Say something, or attach a file.")


class NoText(InvalidInput):
    """NUL, which PostgreSQL can't hold, or half of a surrogate pair, which no encoding can."""

    code = "invalid"
    message = _("The message holds characters that are no text.")


class NoSuchReply(InvalidInput):
    code = "does_not_exist"
    message = _("There is no such message in this room to answer.")

    def __init__(self) -> None:
        super().__init__(attr="reply_to_id")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was judged and lies in the storage under ``stored_as``, before any row names it."""

    stored_as: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One message before it is stored. With ``session_id`` (sockets) that session must still live when it is.

    ``client_id`` makes sending it again safe, for ever. ``attachment``: the caller holds a transaction open, and
    deletes the file where nothing comes of it.
    """

    room_id: int
    sender_id: int
    text: str
    client_id: UUID | None = None
    reply_to_id: int | None = None
    message_type: str = "text"
    session_id: int | None = None
    attachment: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored message: ``text`` is its ``ChatMessage`` frame, encoded.

    Not ``is_new``: it was sent before under its ``client_id``; this is the acknowledgement again, for its sender alone.
    """

    message_id: int
    room_id: int
    seq: int
    text: str
    is_new: bool
    message: MessageShown


def check_text(text: str, *, beside_a_file: bool = False) -> None:
    """Refuse (400) what no message may be. Characters are code points; nothing is trimmed or normalised."""
    if len(text) > MOST_CHARACTERS:
        raise TooLong(attr="message")
    if not beside_a_file and not text.strip():
        raise Blank(attr="message")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise NoText(attr="message")


def check(draft: Draft) -> InvalidInput | None:
    """Return why a draft is wrong in itself (400), before the database is asked; None for one that is not."""
    try:
        check_text(draft.text, beside_a_file=draft.attachment is not None)
    except InvalidInput as refusal:
        return refusal
    is_an_id = draft.reply_to_id is None or 0 < draft.reply_to_id <= MOST_ID
    return None if is_an_id else NoSuchReply()
