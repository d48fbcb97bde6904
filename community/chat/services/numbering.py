"""The numbers of a room, for everything but new messages, which take theirs in the statement that stores them."""

from community.chat.models import ChatRoom
from e_learning.core.statements import row_of

# Readers are not told of what was edited or taken away: where they had been told of everything, they still are.
_NEXT = f"""
    UPDATE {ChatRoom._meta.db_table}
    SET last_seq = last_seq + 1, told_seq = CASE WHEN told_seq = last_seq THEN last_seq + 1 ELSE told_seq END
    WHERE id = %(room)s RETURNING last_seq
"""  # noqa: S608 - no value is written into the text


def next_number(room_id: int) -> int:
    """Take the room's next number, in the caller's transaction: with a rollback it was never taken.

    The room's row is held until the commit. **Order of locks: the room before its messages**, for everybody: a reply
    holds the room and waits for the message it answers, so whoever held that and asked for a number would meet it.
    """
    row = row_of(_NEXT, {"room": room_id})
    assert row is not None  # a message's room is deleted only with its messages
    return int(row[0])
