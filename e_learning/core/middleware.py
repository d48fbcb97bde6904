"""Middleware of ours: the request's id, and browser machinery kept away from the API.

All of it works under WSGI and ASGI alike; Django adapts the synchronous ones.
"""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from e_learning.core.context import RequestContext, request_context

logger = logging.getLogger("e_learning.request")
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SLOW_SECONDS = 1.0


class RequestContextMiddleware:
    """Takes ``X-Request-ID`` from the caller or makes one, keeps it for the logs, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(8)
        context = RequestContext(request_id)
        request.context = context  # type: ignore[attr-defined]  # for what Django logs of the request after us
        token = request_context.set(context)
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            self._log(request, response, time.monotonic() - started)
        finally:
            request_context.reset(token)
        return response

    def _log(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        # The path alone: a query string may carry a signature or a search that is nobody's business.
        level = logging.WARNING if response.status_code >= 500 or seconds > _SLOW_SECONDS else logging.DEBUG
        if logger.isEnabledFor(level):
            logger.log(level, "%s %s %s %.0fms", request.method, request.path, response.status_code, seconds * 1000)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


class _PagesOnly(MiddlewareMixin):
    """Steps aside for the API, under WSGI and ASGI alike."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request) if _is_api(request) else super().__call__(request)


@lru_cache(maxsize=256)
def language_of(accept_language: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept_language
    return translation.get_language_from_request(request)


def speak_callers_language(request: HttpRequest) -> None:
    """Go on in the language that ``Accept-Language`` asks for, and nothing else: the API reads no cookie."""
    request.LANGUAGE_CODE = language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    translation.activate(request.LANGUAGE_CODE)


def say_language(response: HttpResponseBase) -> None:
    patch_vary_headers(response, ["Accept-Language"])
    response.headers.setdefault("Content-Language", translation.get_language())


class LanguageMiddleware(LocaleMiddleware):
    """The caller's language. The API remembers what each ``Accept-Language`` comes to, which Django works out anew."""

    def process_request(self, request: HttpRequest) -> None:
        if _is_api(request):
            speak_callers_language(request)
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _is_api(request):
            return super().process_response(request, response)
        say_language(response)
        return response


class PageSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions for pages only (the admin). The API signs in by token and never reads a cookie."""


class PageCsrfMiddleware(_PagesOnly, CsrfViewMiddleware):
    """CSRF protects what a cookie signs in; a Bearer token is never sent by the browser on its own."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        return None if _is_api(request) else super().process_view(request, callback, callback_args, callback_kwargs)


class PageAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """``request.user`` of pages, from their session."""


class PageMessageMiddleware(_PagesOnly, MessageMiddleware):
    """The admin's messages."""
