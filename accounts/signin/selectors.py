"""Whether a caller's session still lives: the question behind every signed-in request."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.signin.models import Session

#: One row (``id, is_admin``) when the session lives and its user is active, else none.
#: For hot paths, which ask it inside their own statement; bind ``session_id``, ``user_id`` and ``now``.
LIVE_CALLER_SQL = """
    SELECT u.id, (u.is_superuser OR u.role = 'admin') AS is_admin
    FROM accounts_session s JOIN accounts_customuser u ON u.id = s.user_id
    WHERE s.id = %(session_id)s AND s.user_id = %(user_id)s
      AND s.ended_at IS NULL AND s.expires_at > %(now)s AND u.is_active
"""


def live_session(*, session_id: int, user_id: int) -> Session | None:
    """Return the session with its user in one statement, or None once it has ended in any way."""
    found: Session | None = Session.objects.live().select_related("user").filter(pk=session_id, user_id=user_id).first()
    return found


def user_of_live_session(session_id: int) -> int | None:
    """Return the id of who is signed in by this session, None once it has ended in any way. One statement."""
    found: int | None = Session.objects.live().filter(pk=session_id).values_list("user_id", flat=True).first()
    return found


def sessions_that_live(session_ids: Collection[int]) -> set[int]:
    """Return those of ``session_ids`` that still sign somebody in, in one statement."""
    return set(Session.objects.live().filter(pk__in=session_ids).values_list("pk", flat=True))


def sessions_of(*, user_id: int) -> QuerySet[Session]:
    """The user's live sessions, the one last seen first."""
    found: QuerySet[Session] = Session.objects.live().filter(user_id=user_id).order_by("-last_seen_at", "-id")
    return found
