"""Views for the few hot paths: the same rules as DRF's, at a fraction of their cost.

A ``HotView`` is an APIView to the schema and to Django. Only its dispatch is its own: the token is
verified from memory, the call is counted, the handler gets Django's plain request, and errors are
rendered by the same function as everywhere. Whether the caller's session still lives is asked
inside the handler's one statement, never apart from it. Measured in docs/decisions/0003.
"""

import logging
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from e_learning.core.api.errors import NotSignedIn, render_error
from e_learning.core.api.permissions import SignedIn
from e_learning.core.api.renderers import to_json
from e_learning.core.api.throttles import count_call
from e_learning.core.api.tokens import AccessClaims, bearer_token, verify_access_token
from e_learning.core.context import request_context

logger = logging.getLogger(__name__)


class HotView(APIView):
    """Base of the hot views. ``claims`` is who calls by a genuine token, or None on a public view."""

    permission_classes = [SignedIn]
    #: The methods that take the short way (any other goes DRF's), and those of them that are public.
    hot_methods: ClassVar[frozenset[str]] = frozenset()
    public_methods: ClassVar[frozenset[str]] = frozenset()
    claims: AccessClaims | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        handler = getattr(self, (request.method or "").lower(), None)
        if handler is None or request.method not in self.hot_methods:
            return super().dispatch(request, *args, **kwargs)
        try:
            self.claims = self._signed_in(request)
            response: HttpResponseBase = handler(request, *args, **kwargs)
            return response
        except Exception as error:  # the one handler decides; what it does not know is Django's 500
            rendered = render_error(error)
            if rendered is None:
                raise
            return json_answer(to_json(rendered.body), status=rendered.status, headers=rendered.headers)

    def _signed_in(self, request: HttpRequest) -> AccessClaims | None:
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION", ""))
        claims = verify_access_token(token) if token is not None else None
        if claims is None and request.method not in self.public_methods:
            raise NotSignedIn
        count_call(request, claims.user_id if claims else None)
        context = request_context.get()
        if claims is not None and context is not None:
            context.user_id, context.session_id = claims.user_id, claims.session_id
        return claims

    @property
    def signed_in(self) -> AccessClaims:
        """The claims of a view that is not public."""
        if self.claims is None:
            raise NotSignedIn
        return self.claims


def json_answer(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
