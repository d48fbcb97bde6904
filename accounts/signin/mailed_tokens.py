"""The tokens that mail carries. Made when the mail is rendered, stored nowhere, good once."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from accounts.users.models import CustomUser
from e_learning.core.api.paths import MOST_ID

_VERIFY_SALT = "accounts.verify_email"


def write_reset_token(user: CustomUser) -> str:
    """Return a token for a new password. It dies with the next sign-in, change of password or of address."""
    return f"{int_to_base36(user.pk)}-{default_token_generator.make_token(user)}"


def read_reset_token(token: str) -> CustomUser | None:
    """Return the active user whom a good reset token names. It stays good until their password is changed."""
    number, _dash, secret = token.partition("-")
    try:
        user_id = base36_to_int(number)
    except ValueError:
        return None
    user = CustomUser.objects.filter(pk=min(user_id, MOST_ID), is_active=True).first()
    return user if user is not None and default_token_generator.check_token(user, secret) else None


def write_verification_token(user: CustomUser) -> str:
    """Return a token that says: whoever holds it reads this user's mail at their present address."""
    return signing.dumps([user.pk, _fingerprint(user)], salt=_VERIFY_SALT)


def read_verification_token(token: str) -> CustomUser | None:
    """Return the user whose present, not yet verified address the token was sent to."""
    try:
        user_id, fingerprint = signing.loads(token, salt=_VERIFY_SALT, max_age=settings.EMAIL_VERIFICATION_SECONDS)
    except signing.BadSignature:
        return None
    user = CustomUser.objects.filter(pk=user_id, is_active=True, email_verified=False).first()
    return user if user is not None and fingerprint == _fingerprint(user) else None


def _fingerprint(user: CustomUser) -> str:
    # Not the address itself: tokens stand in links, and links end up in histories and logs.
    return salted_hmac(_VERIFY_SALT, user.email).hexdigest()[:32]
