"""One family of errors and the one place where an error becomes JSON.

Services raise subclasses of ``ApiError`` defined beside them; REST views, hot views and sockets all
render through ``render_error``. The shape is the contract's (API §1):
``{"type": "...", "errors": [{"code", "detail", "attr"}]}``.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.settings import api_settings

logger = logging.getLogger(__name__)
Message = str | Promise


class ApiError(Exception):
    """A refusal with a code for programs, a message for people and an HTTP status.

    ``extra`` goes beside ``errors`` in the body (402 carries its price there); ``headers`` go on the answer.
    """

    status: ClassVar[int] = 400
    code: str = "invalid"
    message: Message = _("This request can't be carried out.")

    def __init__(
        self,
        message: Message | None = None,
        *,
        code: str | None = None,
        attr: str | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message if message is not None else type(self).message
        self.code = code or type(self).code
        self.attr = attr
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(str(self.code))


class InvalidInput(ApiError):
    """400: a value is wrong in itself. ``attr`` names the field."""

    message = _("This value is not valid.")


class NotSignedIn(ApiError):
    """401: no token, a bad one, or one whose session has ended."""

    status = 401
    code = "not_authenticated"
    message = _("Sign in first.")

    def __init__(self, message: Message | None = None, **kwargs: Any) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"}, **kwargs)


class PaymentRequired(ApiError):
    """402: it can be had, for money. Carries ``price`` and ``currency`` beside the errors."""

    status = 402
    code = "payment_required"
    message = _("This course has to be bought first.")


class NotAllowed(ApiError):
    """403: the caller may see that it is there, and may not do this."""

    status = 403
    code = "permission_denied"
    message = _("You may not do this.")


class NotThere(ApiError):
    """404: absent, or not the caller's to see; the two look the same on purpose."""

    status = 404
    code = "not_found"
    message = _("Not found.")


class Conflict(ApiError):
    """409: right in itself, and not possible in the present state."""

    status = 409
    code = "conflict"
    message = _("This isn't possible in the present state.")


class TooMany(ApiError):
    """429, with ``Retry-After`` in seconds."""

    status = 429
    code = "throttled"
    message = _("Too many requests. Try again later.")

    def __init__(self, retry_after: int, message: Message | None = None) -> None:
        super().__init__(message, headers={"Retry-After": str(max(1, retry_after))})


class Unavailable(ApiError):
    """503: something this depends on does not answer; asking again later is right."""

    status = 503
    code = "unavailable"
    message = _("This can't be answered right now. Try again shortly.")

    def __init__(self, message: Message | None = None, **kwargs: Any) -> None:
        super().__init__(message, headers={"Retry-After": "5"}, **kwargs)


@dataclass(frozen=True, slots=True)
class RenderedError:
    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def render_error(error: Exception) -> RenderedError | None:
    """Return the contract's answer for ``error``, or None for one that nobody foresaw (a 500, logged by the caller)."""
    if isinstance(error, drf.NotAuthenticated):
        error = NotSignedIn()
    if isinstance(error, ApiError):
        entries = [_entry(error.code, error.message, error.attr)]
        kind = "validation_error" if error.status == 400 else None
        return _rendered(error.status, entries, kind, error.extra, error.headers)
    error = _as_drf(error)
    if isinstance(error, drf.ValidationError):
        return _rendered(400, list(_flatten(error.detail)), "validation_error")
    if isinstance(error, IntegrityError):
        # A constraint refused what a check had let through: something changed in between. Services name the
        # cases they know; this is the net below them, and the log says what fell into it.
        logger.error("the database refused a write", exc_info=error)
        return render_error(Conflict())
    if isinstance(error, drf.APIException):
        return _rendered(error.status_code, list(_flatten(error.detail)), headers=_headers_of(error))
    return None


def _as_drf(error: Exception) -> Exception:
    """Translate what Django raises on its own into the framework's words."""
    if isinstance(error, Http404):
        return drf.NotFound()
    if isinstance(error, PermissionDenied):
        return drf.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return _TooLarge()
    if isinstance(error, UnreadablePostError):  # the caller went away in the middle of its body
        return drf.ParseError()
    if isinstance(error, DjangoValidationError):
        detail = (
            error.message_dict if hasattr(error, "error_dict") else {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
        )
        return drf.ValidationError(detail)
    return error


class _TooLarge(drf.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The request is too large.")


def _headers_of(error: drf.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]  # set by DRF's handler
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]  # only Throttled has it
    return headers


def _rendered(
    status: int,
    errors: list[dict[str, Any]],
    kind: str | None = None,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> RenderedError:
    kind = kind or ("server_error" if status >= 500 else "client_error")
    return RenderedError(status, {"type": kind, "errors": errors, **(extra or {})}, dict(headers or {}))


def _entry(code: str, detail: object, attr: str | None) -> dict[str, Any]:
    return {"code": code, "detail": str(detail), "attr": attr}


def _flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Walk a nested DRF detail depth first; ``attr`` is the dotted path: ``options.1.option_text``."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flatten(inner, path if name == api_settings.NON_FIELD_ERRORS_KEY else (*path, str(name)))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            # A list of messages belongs to the field; a list of mappings is one per item, empty where the item is fine.
            nested = isinstance(inner, Mapping | list)
            yield from _flatten(inner, (*path, str(index)) if nested else path)
    else:
        yield _entry(getattr(detail, "code", "invalid"), detail, ".".join(path) or None)


def drf_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's ``EXCEPTION_HANDLER``. There is nothing to roll back: services open their own transactions."""
    rendered = render_error(error)
    if rendered is None:
        return None
    return Response(rendered.body, status=rendered.status, headers=rendered.headers)


def _page_of_error(status: int, code: str, detail: object) -> JsonResponse:
    rendered = _rendered(status, [_entry(code, detail, None)])
    return JsonResponse(rendered.body, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _page_of_error(400, "bad_request", _("This request can't be read."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _page_of_error(403, NotAllowed.code, NotAllowed.message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return _page_of_error(404, NotThere.code, NotThere.message)


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's ``handler500``: the stack is in the log under the request's id; the caller learns nothing of it."""
    return _page_of_error(500, "error", _("Something went wrong on our side."))
