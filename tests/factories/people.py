"""People for tests: made directly as rows, so that what they test is not also what makes them."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import CustomUser, Session, UserSettings
from e_learning.core.api.tokens import issue_access_token

PASSWORD = "a-long-enough-word"
_hashed: list[str] = []


def person(name: str, **fields: Any) -> CustomUser:
    """Return a new user ``<name>@demo.school`` whose password is ``PASSWORD``."""
    if not _hashed:  # hashed once: it costs more than most tests
        _hashed.append(make_password(PASSWORD))
    values = {
        "email": f"{name}@demo.school",
        "username": name,
        "full_name": name.title(),
        "password": _hashed[0],
    } | fields
    user = CustomUser.objects.create(**values)
    UserSettings.objects.create(user=user)
    return user


def session_for(user: CustomUser, **fields: Any) -> Session:
    now = timezone.now()
    values = {
        "created_at": now,
        "rotated_at": now,
        "last_seen_at": now,
        "expires_at": now + timedelta(seconds=settings.REFRESH_TOKEN_SECONDS),
    }
    return Session.objects.create(user=user, **(values | fields))


def token_for(user: CustomUser) -> str:
    """Return an access token of a new session of ``user``."""
    return issue_access_token(user_id=user.pk, session_id=session_for(user).pk)
