"""The code of a class, for who shows it."""

from datetime import datetime

from django.utils import timezone

from accounts.api import User
from attendance.access import SessionCancelled, session_owned_by
from attendance.codes import CodeShown, code_shown


def code_of_class(owner: User, session_id: int, *, at: datetime | None = None) -> CodeShown:
    """Return the code of this moment. Refuses: 404, 403 ``owners_only`` to learners, 409 ``session_cancelled``."""
    session = session_owned_by(owner, session_id)
    if not session.is_standing:
        raise SessionCancelled
    return code_shown(session, at or timezone.now())
