"""Access tokens as the platform reads them: signature and time checked once, then remembered.

A token says who (``user_id``) and under which session (``sid``). That it is genuine can be kept in
memory; that its session still lives cannot, and is asked of the database with every request
(accounts.signin), on hot paths inside their one statement.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from e_learning.core.api.errors import NotSignedIn

_MOST_REMEMBERED = 10_000
_LONGEST_TOKEN = 4096
SESSION_CLAIM = "sid"


class BadToken(NotSignedIn):
    code = "token_not_valid"
    message = _("The token is not valid or has expired.")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says. ``expires_at`` is in Unix seconds."""

    user_id: int
    session_id: int
    expires_at: int


_remembered: OrderedDict[str, AccessClaims] = OrderedDict()
_lock = threading.Lock()


def issue_access_token(*, user_id: int, session_id: int) -> str:
    """Return a signed access token for the session, good for ``ACCESS_TOKEN_SECONDS``."""
    token = AccessToken()
    token["user_id"] = user_id
    token[SESSION_CLAIM] = session_id
    return str(token)


def verify_access_token(token: str) -> AccessClaims:
    """Return the claims of ``token``; raises ``BadToken`` (401) for a forged, broken or expired one."""
    claims = _remembered.get(token)
    if claims is None:
        claims = _read(token)
        with _lock:
            _remembered[token] = claims
            if len(_remembered) > _MOST_REMEMBERED:
                _remembered.popitem(last=False)
    if claims.expires_at <= time.time():
        raise BadToken
    return claims


def _read(token: str) -> AccessClaims:
    if len(token) > _LONGEST_TOKEN:
        raise BadToken
    try:
        payload = AccessToken(token).payload  # type: ignore[arg-type]  # the library types the string as Token
        return AccessClaims(int(payload["user_id"]), int(payload[SESSION_CLAIM]), int(payload["exp"]))
    except (TokenError, KeyError, TypeError, ValueError) as error:
        raise BadToken from error


def bearer_token(authorization: str) -> str | None:
    """Return the token of an ``Authorization`` header, None where there is no Bearer; 401 for a malformed one."""
    if not authorization:
        return None
    scheme, _space, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    if not token or " " in token:
        raise BadToken
    return token
