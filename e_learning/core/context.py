"""What is known of the request in hand, for logs and answers: one context variable, set by the middleware."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class RequestContext:
    """One request (or one task): its id, and the user once known. Ids, never a name or address.

    ``session_id`` is the session behind the caller's token: signed media addresses are given to it.
    """

    request_id: str
    user_id: int | None = None
    session_id: int | None = None


request_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)
