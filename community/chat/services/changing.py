"""What happens to a message after it was sent: each change takes the room's next number."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.frames import MessageDeleted, MessageEdited
from community.chat.models import Attachment, Message
from community.chat.selectors import moment, whole
from community.chat.services.drafts import check_text
from community.chat.services.numbering import next_number
from community.chat.services.rooms import message_read_by, require_voice
from community.chat.services.telling import pushes_to
from e_learning.core.api.errors import NotAllowed, NotThere
from e_learning.core.realtime import push_on_commit


class NotYours(NotAllowed):
    code = "not_your_message"
    message = _("Only who sent a message may change it.")


def edit_message(*, editor: User, message_id: int, text: str) -> Message:
    """Give an own message another text, and return it as it is now.

    Refuses: 404 and 403 ``not_your_message`` as ``delete_own_message``; 400 as for a new one, and 403 whoever may say
    nothing in the room now.
    """
    message = _own_message(editor, message_id)
    check_text(text, beside_a_file=hasattr(message, "attachment"))
    require_voice(user=editor, room=message.room)
    _change(message, was_deleted=False, text=text, edited_at=timezone.now())
    _tell_text(message)
    return message


def delete_own_message(*, user: User, message_id: int) -> Message:
    """Wipe an own message, its text and its file, for good; who said it may take it back wherever they stand now.

    Refuses: 404 for one that is not there any more or that the user can't read, 403 ``not_your_message``.
    """
    message = _own_message(user, message_id)
    with transaction.atomic():
        _change(message, was_deleted=False, text="", deleted_at=timezone.now())
        for attachment in Attachment.objects.filter(message=message):
            attachment.delete()  # its file goes after the commit
    _tell_gone(message)
    return message


def _own_message(user: User, message_id: int) -> Message:
    message = whole().filter(pk=message_id, sender=user).first()
    if message is None:
        message_read_by(user=user, message_id=message_id)
        raise NotYours
    return message


def take_down_message(*, message: Message) -> bool:
    """Take a message from its readers and keep it, so that it can be given back; False where it is gone already.

    For moderation, whose leave is asked there, inside its transaction. The caller must not hold the message's row: the
    room is always locked before it (``next_number``).
    """
    return _moderated(message, was_deleted=False)


def give_back_message(*, message: Message) -> bool:
    """Show a message that was taken down again; False where it was not, or its sender has wiped it."""
    return not message.was_wiped and _moderated(message, was_deleted=True)


def _moderated(message: Message, *, was_deleted: bool) -> bool:
    try:
        _change(message, was_deleted=was_deleted, deleted_at=None if was_deleted else timezone.now())
    except NotThere:
        return False
    (_tell_text if was_deleted else _tell_gone)(message)
    return True


@transaction.atomic
def _change(message: Message, *, was_deleted: bool, **values: Any) -> None:
    """Take the next number and write ``values`` under it, if the message still is what it was; else 404, and no number.

    Of two at once the second waits for the room, and meets what the first made of the message.
    """
    seq = next_number(message.room_id)
    values["seq"] = seq
    if not Message.objects.filter(pk=message.pk, deleted_at__isnull=not was_deleted).update(**values):
        raise NotThere
    for name, value in values.items():
        setattr(message, name, value)


def _tell_text(message: Message) -> None:
    edited_at = moment(message.edited_at) if message.edited_at else None
    frame = MessageEdited(message.pk, message.seq, message.text, edited_at)
    push_on_commit(*pushes_to(message.room, frame, author_id=message.sender_id))


def _tell_gone(message: Message) -> None:
    push_on_commit(*pushes_to(message.room, MessageDeleted(message.pk, message.seq)))
