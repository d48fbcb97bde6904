"""``ETag`` and ``If-None-Match`` for bodies that are bytes already."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from e_learning.core.api.hot import json_answer


def etag_of(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def conditional_answer(request: HttpRequest, body: bytes, *, etag: str | None = None) -> HttpResponse:
    """Answer ``body`` with its ETag, or 304 without it where the caller holds the same.

    ``etag`` is given by those who have kept it with the body, and worked out for others. ``no-cache``
    means: keep it, and ask each time; what one caller sees is never shown to another.
    """
    etag = etag or etag_of(body)
    response = json_answer(body, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    patch_vary_headers(response, ["Authorization"])
    if "HTTP_IF_NONE_MATCH" in request.META:
        answer = get_conditional_response(request, etag=etag, response=response)
        assert isinstance(answer, HttpResponse)
        return answer
    return response
