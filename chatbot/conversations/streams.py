"""An answer as server-sent events: the same under a server of threads and under one of loops."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from chatbot.conversations.frames import Said
from chatbot.conversations.running import Reader, run_apart
from e_learning.core.api.errors import render_error

logger = logging.getLogger(__name__)
EVENT_STREAM = "text/event-stream"
_STILL_WRITING = b": still writing\n\n"


def wants_stream(request: HttpRequest) -> bool:
    return EVENT_STREAM in request.headers.get("Accept", "")


def stream_of(request: HttpRequest, begin: Callable[[], Iterator[Said]], *, language: str) -> StreamingHttpResponse:
    """Answer ``begin()`` as it is written. What refuses to begin is raised here, before any byte is sent.

    A loop is given an asynchronous iterator, because of any other it would send nothing before the end.
    """
    reader = Reader()
    run_apart(begin, reader.hear)
    content: Any
    if isinstance(request, ASGIRequest):
        content = _in_loop(reader, language)
    else:
        content = (_event(part, language) for part in reader.parts())
    response = StreamingHttpResponse(content, content_type=EVENT_STREAM)
    # Proxies are not to collect it, nor to compress it, for which they would.
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _in_loop(reader: Reader, language: str) -> AsyncIterator[bytes]:
    parts: Any = reader.parts_in_loop()
    try:
        async for part in parts:
            yield _event(part, language)
    finally:
        await parts.aclose()


def _event(part: Said | Exception | None, language: str) -> bytes:
    if part is None:
        return _STILL_WRITING
    if isinstance(part, Exception):
        kind, fields = "error", error_fields(part, language)
    else:
        fields = msgspec.to_builtins(part)
        kind = fields.pop("type")
    return f"event: {kind}\ndata: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


def error_fields(error: Exception, language: str) -> dict[str, Any]:
    """Return ``{code, detail}`` of what ended an answer; what nobody foresaw is logged."""
    with translation.override(language):
        rendered = render_error(error)
        if rendered is None:
            logger.error("an answer failed", exc_info=error)
            return {"code": "error", "detail": _("Something went wrong on our side.")}
        entry = rendered.body["errors"][0]
        return {"code": entry["code"], "detail": entry["detail"]}
