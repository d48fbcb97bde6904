"""The floor: a bare ASGI app over asyncpg that does as little as the same answers allow.

No framework, no limits, no errors beyond 401, 403 and 404, no request ids, no completion rules. It
runs the product's statements (``FLOOR_PLAN`` names a file with their text) and checks tokens by a
plain HMAC. The course page is answered in two ways: under ``/kept`` by the product's statement of
version and reader with the whole answer kept in memory, under ``/built`` by one statement of json_agg.
"""

import hmac
import json
import os
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from benchmarks.traffic import BUILT, KEPT, PROGRESS

Answer = tuple[int, bytes]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_NO_TOKEN: Answer = (401, b"{}")
_NOT_ENROLLED: Answer = (403, b"{}")
_NOT_THERE: Answer = (404, b"{}")

_plan = json.loads(Path(os.environ["FLOOR_PLAN"]).read_text())
_key = _plan["signing_key"].encode()
_texts = {name: statement["text"] for name, statement in _plan["statements"].items()}
_names = {name: statement["names"] for name, statement in _plan["statements"].items()}
_pool: asyncpg.Pool
_whole: dict[Any, bytes] = {}


class _Heartbeat(msgspec.Struct):
    content_id: int
    last_position: int
    time_spent: int


class _Claims(msgspec.Struct):
    user_id: int
    sid: int
    exp: int


_read_heartbeat = msgspec.json.Decoder(_Heartbeat).decode
_read_claims = msgspec.json.Decoder(_Claims).decode
_encode = msgspec.json.Encoder().encode


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    status, body = await _answer(scope, receive)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    global _pool  # noqa: PLW0603 - made when the server starts, in its event loop
    await receive()
    _pool = await asyncpg.create_pool(_plan["database"], min_size=16, max_size=16)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(scope: dict[str, Any], receive: Receive) -> Answer:
    path: str = scope["path"]
    if path == PROGRESS:
        return await _progress(scope, receive)
    course_id = path.rpartition("/courses/")[2].strip("/")
    if path.startswith(KEPT):
        return await _kept_page(scope, int(course_id))
    if path.startswith(BUILT):
        return await _built_page(scope, int(course_id))
    return 200, b"{}"


def _claims(scope: dict[str, Any]) -> _Claims | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            signed, _dot, signature = value[7:].rpartition(b".")
            if not hmac.compare_digest(hmac.digest(_key, signed, "sha256"), urlsafe_b64decode(signature + b"=")):
                return None
            payload = signed.partition(b".")[2]
            claims = _read_claims(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
            return claims if claims.exp > time.time() else None
    return None


async def _row(name: str, values: dict[str, Any]) -> Any:
    return await _pool.fetchrow(_texts[name], *[values[parameter] for parameter in _names[name]])


async def _progress(scope: dict[str, Any], receive: Receive) -> Answer:
    claims = _claims(scope)
    if claims is None:
        return _NO_TOKEN
    beat = _read_heartbeat((await receive())["body"])
    now = datetime.now(UTC)
    row = await _row(
        "progress",
        {
            "session_id": claims.sid,
            "user_id": claims.user_id,
            "now": now,
            "at": now,
            "quarter": now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0),
            "content_id": beat.content_id,
            "time_spent": beat.time_spent,
            "last_position": beat.last_position,
            "watched": "[]",
        },
    )
    if row["id"] is None or row["course_id"] is None or row["enrollment_id"] is None:
        return _NO_TOKEN if row["id"] is None else _NOT_THERE if row["course_id"] is None else _NOT_ENROLLED
    return 200, _encode(
        {
            "content_id": beat.content_id,
            "course_id": row["course_id"],
            "is_completed": row["is_completed"],
            "last_position": row["last_position"],
            "time_spent": row["time_spent"],
            "completed_contents": row["completed_count"],
            "total_contents": row["content_count"],
            "progress_percent": round(100 * row["completed_count"] / row["content_count"], 1),
        }
    )


async def _kept_page(scope: dict[str, Any], course_id: int) -> Answer:
    claims = _claims(scope)
    row = tuple(await _row("reader" if claims else "version", _page_values(claims, course_id)) or ())
    if not row or row[0] is None:
        return _NOT_THERE
    body = _whole.get((course_id, row))
    if body is None:
        status, body = await _built_page(scope, course_id)
        if status != 200:
            return status, body
        _whole[course_id, row] = body
    return 200, body


async def _built_page(scope: dict[str, Any], course_id: int) -> Answer:
    claims = _claims(scope)
    row = await _row("built_for_reader" if claims else "built_for_anyone", _page_values(claims, course_id))
    return (200, row[0].encode()) if row else _NOT_THERE


def _page_values(claims: _Claims | None, course_id: int) -> dict[str, Any]:
    if claims is None:
        return {"course_id": course_id}
    return {"course_id": course_id, "session_id": claims.sid, "user_id": claims.user_id, "now": datetime.now(UTC)}
