"""The one door for outgoing HTTP: time-outs always, no redirect followed unasked, answers of bounded size."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from e_learning.core.api.errors import Unavailable

TIME_OUT = httpx.Timeout(10.0, connect=3.05)
MOST_BYTES = 5 * 1024 * 1024
#: ``TIME_OUT`` is for each read; a server that sends a byte now and then would pass it for ever.
MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class UnreachableService(Unavailable):
    """No connection, no answer in time, or one larger than allowed."""

    code = "service_unreachable"


def call(
    method: str,
    address: str,
    *,
    json: Any = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: httpx.Timeout = TIME_OUT,
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
) -> Answer:
    """Send one request and return its whole answer, whatever its status. Raises ``UnreachableService``.

    ``content`` goes out byte for byte, for what is signed; ``json`` is written here.
    Nothing is retried here: only the caller knows whether the call may be made twice. Call it
    outside transactions (DESIGN §5).
    """
    deadline = time.monotonic() + most_seconds
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False) as client,
            client.stream(method, address, json=json, content=content, headers=dict(headers or {})) as response,
        ):
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > most_bytes or time.monotonic() > deadline:
                    raise UnreachableService
            return Answer(response.status_code, dict(response.headers), bytes(body))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableService from error
