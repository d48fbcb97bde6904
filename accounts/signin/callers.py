"""Who is calling, for views that only the signed-in reach."""

from rest_framework.request import Request

from accounts.signin.models import Session
from accounts.users.models import CustomUser
from e_learning.core.api.errors import NotSignedIn


def caller_of(request: Request) -> CustomUser:
    """Return the user that ``BearerAuthentication`` found; 401 where there is none."""
    if isinstance(request.user, CustomUser):
        return request.user
    raise NotSignedIn


def session_of(request: Request) -> Session:
    """Return the session that the caller's access token stands for; 401 where there is none."""
    session: object = request.auth
    if isinstance(session, Session):
        return session
    raise NotSignedIn
