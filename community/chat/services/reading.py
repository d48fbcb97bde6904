"""How far somebody has read."""

from django.db import connection, transaction
from django.utils import timezone

from accounts.api import User
from community.chat.frames import Receipt
from community.chat.models import ReadMark
from community.chat.services.rooms import message_read_by
from community.chat.services.telling import pushes_to
from e_learning.core.realtime import push_on_commit
from e_learning.core.statements import row_of

# Marks only move on: of two devices at once the further one stays, whichever comes last.
_MOVE = f"""
    INSERT INTO {ReadMark._meta.db_table} AS mark (room_id, user_id, message_id, read_at)
    VALUES (%(room)s, %(user)s, %(message)s, %(now)s)
    ON CONFLICT (room_id, user_id) DO UPDATE SET message_id = EXCLUDED.message_id, read_at = EXCLUDED.read_at
    WHERE mark.message_id < EXCLUDED.message_id
    RETURNING id
"""  # noqa: S608 - no value is written into the text


def mark_read(*, user: User, message_id: int) -> Receipt:
    """Note that the user has read up to this message, and tell the room if that is further than before.

    404 for a message that they can't read. ``read_count`` is how many read as far, its sender not counted.
    """
    message = message_read_by(user=user, message_id=message_id)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = {"room": message.room_id, "user": user.pk, "message": message.pk, "now": now}
    with transaction.atomic():
        moved = row_of(_MOVE, values)
        readers = ReadMark.objects.filter(room=message.room_id, message_id__gte=message.pk)
        receipt = Receipt(message.pk, user.pk, readers.exclude(user=message.sender_id).count())
        if moved:
            push_on_commit(*pushes_to(message.room, receipt))
    return receipt
