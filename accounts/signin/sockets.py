"""Who opens a socket: a token by header or subprotocol, or a ticket in the address."""

from typing import Any
from urllib.parse import parse_qs

from accounts.signin.selectors import live_session
from accounts.signin.tickets import redeem_ticket
from e_learning.core.api.tokens import AccessClaims, BadToken, bearer_token, verify_access_token
from e_learning.core.sockets import SIGNED_OUT, in_thread, turn_away

_SUBPROTOCOL = "bearer"


class SignedInSockets:
    """Lets sockets of signed-in people through, with ``scope["claims"]``; any other is accepted and closed with 4401.

    ``Authorization: Bearer <token>`` from apps; ``Sec-WebSocket-Protocol: bearer, <token>`` or ``?ticket=`` from
    pages, which can set no other header. One statement for a token, and those of a ticket.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        # A page that offers the subprotocol expects it back, also from a socket that is then closed.
        offered = scope.get("subprotocols") or []
        scope = {**scope, "subprotocol": _SUBPROTOCOL if offered[:1] == [_SUBPROTOCOL] else None}
        try:
            claims = await _claims_of(scope)
        except BadToken:
            claims = None
        if claims is None:
            return await turn_away(SIGNED_OUT, scope, receive, send)
        return await self.application({**scope, "claims": claims}, receive, send)


async def _claims_of(scope: dict[str, Any]) -> AccessClaims | None:
    """Return who opens the socket, None where nothing says so; raises ``BadToken``."""
    token = _token_in(scope)
    if token is None:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        return await in_thread(redeem_ticket, asked["ticket"][0]) if "ticket" in asked else None
    claims = verify_access_token(token)
    session = await in_thread(live_session, session_id=claims.session_id, user_id=claims.user_id)
    return claims if session is not None else None


def _token_in(scope: dict[str, Any]) -> str | None:
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    offered = scope.get("subprotocols") or []
    if not header and offered[:1] == [_SUBPROTOCOL] and len(offered) > 1:
        return str(offered[1])
    return bearer_token(header)
