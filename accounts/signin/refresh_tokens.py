"""Refresh tokens: the signed form of one generation of a session, kept nowhere.

Everything in a token comes from the session's row and nothing from the moment of writing, so the
same generation always gives the same text: a client whose answer was lost can be answered again.
"""

from dataclasses import dataclass
from datetime import datetime

from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.state import token_backend

from e_learning.core.api.tokens import SESSION_CLAIM, BadToken

TOKEN_TYPE = "refresh"  # noqa: S105 - a kind, no secret
LONGEST_TOKEN = 1024


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a genuine refresh token says: which session, and which of its generations."""

    session_id: int
    generation: int


def write_refresh_token(*, session_id: int, generation: int, rotated_at: datetime, expires_at: datetime) -> str:
    """Return the token of one generation; it expires with the session, which no rotation extends."""
    text: str = token_backend.encode(
        {
            "token_type": TOKEN_TYPE,
            SESSION_CLAIM: session_id,
            "gen": generation,
            "iat": int(rotated_at.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
    )
    return text


def read_refresh_token(token: str) -> RefreshClaims:
    """Return the claims; raises ``BadToken`` (401) for a forged, broken or expired token, or one of another type."""
    try:
        payload = token_backend.decode(token)  # type: ignore[arg-type]  # the library types the string as Token
        if payload["token_type"] != TOKEN_TYPE:
            raise BadToken
        return RefreshClaims(session_id=int(payload[SESSION_CLAIM]), generation=int(payload["gen"]))
    except (TokenBackendError, KeyError, TypeError, ValueError) as error:
        raise BadToken from error
