"""The short way of a hot request: past the middleware of pages, straight to its view.

Resolving an address and passing eight layers that have nothing to say to the API cost more than a
hot view itself (docs/decisions/0003). What those layers would have done for such an answer is done
here, and ``tests/core/test_hot_lane.py`` holds the two ways equal, header by header. Which views
are hot is said by the views (``HotView.hot_methods``), not here.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, get_urlconf, resolve

from e_learning.core.api.hot import HotView
from e_learning.core.middleware import say_language, speak_callers_language


class HotLaneMiddleware:
    """Stands behind what every answer needs (its id, security headers, CORS) and before what only pages need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # What no handler foresaw becomes the contract's 500 here, as it would further in, and gets its headers too.
        self._answer = convert_exception_to_response(_answer_of_view)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _hot_match(request) if request.path_info.startswith("/api/") else None
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        speak_callers_language(request)
        response = cast(HttpResponse, self._answer(request))  # no hot view streams, and no error does
        say_language(response)
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _hot_match(request: HttpRequest) -> ResolverMatch | None:
    try:
        match, hot_methods = _resolved(get_urlconf() or settings.ROOT_URLCONF, request.path_info)
    except Resolver404:
        return None
    return match if request.method in hot_methods else None


@lru_cache(maxsize=4096)
def _resolved(urlconf: str, path: str) -> tuple[ResolverMatch, frozenset[str]]:
    # An address that leads nowhere raises, and so is not remembered.
    match = resolve(path, urlconf)
    view = getattr(match.func, "view_class", None)
    return match, view.hot_methods if isinstance(view, type) and issubclass(view, HotView) else frozenset()


def _answer_of_view(request: HttpRequest) -> HttpResponse:
    request.get_host()  # refuses a foreign Host, as CommonMiddleware does
    match = request.resolver_match
    assert match is not None  # set above
    return cast(HttpResponse, match.func(request, *match.args, **match.kwargs))
