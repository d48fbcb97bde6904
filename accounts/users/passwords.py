"""What makes a password good enough, and whether one is right."""

from django.conf import settings
from django.contrib.auth.hashers import make_password, verify_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.fields import get_error_detail

from accounts.users.models import CustomUser


def is_shipped_password(password: str) -> bool:
    """Say whether this is the demo school's password on a platform where that must open nothing."""
    return bool(settings.PRODUCTION and password == settings.DEMO_PASSWORD)


class NotTheDemoPassword:
    """Refuses the password that this repository prints, in production (``AUTH_PASSWORD_VALIDATORS``)."""

    def validate(self, password: str, user: object = None) -> None:
        if is_shipped_password(password):
            raise ValidationError(self.get_help_text(), code="password_shipped")

    def get_help_text(self) -> str:
        return _("Your password can't be the one of the demo school.")


def require_good_password(password: str, *, user: CustomUser, attr: str) -> None:
    """Refuse a weak password (400), with one entry under ``attr`` for each validator that objects."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise drf.ValidationError({attr: get_error_detail(error)}) from error


def has_password(user: CustomUser | None, password: str) -> bool:
    """Say whether ``password`` is the user's; nobody has any, and it costs the same to find that out.

    A hash made at another cost is made again once the password is known to be right. The update
    holds only while the hash is the one compared with, so it never undoes a change made meanwhile.
    """
    if user is None:
        make_password(password)
        return False
    right, outdated = verify_password(password, user.password)
    if right and outdated and not is_shipped_password(password):
        fresh = make_password(password)
        if CustomUser.objects.filter(pk=user.pk, password=user.password).update(password=fresh):
            user.password = fresh
    return right and not is_shipped_password(password)
