"""Telling those who keep a register that it has changed.

What is pushed is a hint and no count. A process in which somebody watches the session counts for all of them, and not
more often than they can read (``attendance/counting.py``); where nobody does, nothing is counted, and whoever checks in
never waits for it.
"""

from attendance.models import LiveSession
from e_learning.core.realtime import Push, push_on_commit

#: For the sockets of this app, not for their clients.
CHANGED = '{"type":"register_changed"}'


def group_of(session_id: int) -> str:
    """Return the group that the attendance sockets of a session hear."""
    return f"attendance.{session_id}"


def tell_count_on_commit(session: LiveSession) -> None:
    """Have the session counted anew for whoever watches it, once the transaction in hand has committed."""
    push_on_commit(Push(group_of(session.pk), CHANGED))
