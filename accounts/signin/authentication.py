"""``Authorization: Bearer`` for DRF: a genuine token whose session still lives."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.signin.models import Session
from accounts.signin.selectors import live_session
from accounts.users.models import CustomUser
from e_learning.core.api.tokens import BadToken, bearer_token, verify_access_token
from e_learning.core.context import request_context


class BearerAuthentication(BaseAuthentication):
    """Sets ``request.user`` and ``request.auth`` (the Session). One statement; no token means anonymous.

    A token in date is refused from the moment its session ended or its user was deactivated, in
    every process, because both are asked of the database each time.
    """

    def authenticate(self, request: Request) -> tuple[CustomUser, Session] | None:
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION", ""))
        if token is None:
            return None
        claims = verify_access_token(token)
        session = live_session(session_id=claims.session_id, user_id=claims.user_id)
        if session is None:
            raise BadToken
        if (context := request_context.get()) is not None:
            context.user_id, context.session_id = claims.user_id, claims.session_id
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.signin.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
