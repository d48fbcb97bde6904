"""Speaking as somebody from the server's own shell: for demonstrations, and to see what a person sees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.signin.models import Session
from accounts.signin.services import end_sessions
from accounts.users.models import CustomUser
from e_learning.core.api.errors import NotAllowed, NotThere
from e_learning.core.api.tokens import issue_access_token


class NotInProduction(NotAllowed):
    message = _("In production nobody speaks in another's name.")


@contextmanager
def borrowed_session(*, email: str, device_name: str) -> Iterator[Callable[[], str]]:
    """Sign the owner of ``email`` in without a password; gives a function that returns a fresh access token.

    The session stands in their list of devices under ``device_name``, and ends with the block. Refused in production,
    whatever whoever sits at this shell could do to the database; 404 where nobody active has this address.
    """
    if settings.PRODUCTION:
        raise NotInProduction
    user = CustomUser.objects.filter(email=email, is_active=True).first()
    if user is None:
        raise NotThere
    session = Session.objects.begin(user=user, at=timezone.now(), device_name=device_name)
    try:
        yield lambda: issue_access_token(user_id=user.pk, session_id=session.pk)
    finally:
        end_sessions(session_ids=[session.pk])
