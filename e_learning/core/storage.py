"""Where files live. Private ones have signed, expiring addresses; public pictures have plain ones.

On a bucket (core/bucket.py) the addresses are S3's own. On a folder this module signs them, and
``serve_media`` checks the signature and answers byte ranges, which players need for seeking. What an
address is good for, and for whom: docs/decisions/0011.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, ClassVar
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, storages
from django.core.handlers.asgi import ASGIRequest
from django.core.signing import Signer
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils._os import safe_join
from django.utils.crypto import constant_time_compare
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from e_learning.core.api.errors import NotSignedIn, NotThere, not_found, render_error
from e_learning.core.api.tokens import bearer_token, verify_access_token
from e_learning.core.context import request_context
from e_learning.core.media_types import served_disposition, served_type

_signer = Signer(salt="media")
#: Addresses of one moment are the same for so long, so that clients and caches can keep what they fetched.
_STEP_SECONDS = 300
_CHUNK = 64 * 1024
#: As long as a name in an address gets: the ending stays.
_LONGEST_CALLED = 100
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


#: Asked who a session belongs to that still lives; None for any other. The app that knows sessions adds its answer at
#: start-up; until then no session lives.
holders_of_sessions: list[Callable[[int], int | None]] = []


def sign_address(path: str, *, called: str = "", seconds: int | None = None, now: float | None = None) -> str:
    """Return the query string that makes ``path`` good for at least ``seconds``, for the session that asks for it.

    Asked for without a session (a preview, a page of the admin) it is good for whoever holds it. ``called``
    is the name that a download gets.
    """
    lifetime = settings.MEDIA_ADDRESS_SECONDS if seconds is None else seconds
    moment = time.time() if now is None else now
    expires = (int(moment + lifetime) // _STEP_SECONDS + 1) * _STEP_SECONDS
    context = request_context.get()
    session = str(context.session_id or "") if context else ""
    query = {"expires": str(expires), "session": session, "called": called}
    signature = _signature(path, **query)
    return urlencode({name: value for name, value in query.items() if value} | {"signature": signature})


def is_signed(path: str, request: HttpRequest) -> bool:
    """Say whether the request carries an unexpired signature of exactly this path, and may use it.

    One that was given to a session is good as long as that session lives, and not for a request that says by
    its own token that it is somebody else's: 401 for a token that is not valid. One statement, none without a session.
    """
    given = {name: request.GET.get(name, "") for name in ("expires", "session", "called")}
    expires, session, signature = given["expires"], given["session"], request.GET.get("signature", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12 and signature.isascii()):
        return False
    if int(expires) <= time.time() or not constant_time_compare(signature, _signature(path, **given)):
        return False
    return not session or _may_use(int(session), request)


def _signature(path: str, *, expires: str, session: str, called: str) -> str:
    # The name as in an address, so that no part can hold what separates them; the path, which may, comes last.
    return _signer.signature(f"{expires}:{session}:{quote(called, safe='')}:{path}")


def _may_use(session_id: int, request: HttpRequest) -> bool:
    token = bearer_token(request.META.get("HTTP_AUTHORIZATION", ""))
    caller = verify_access_token(token).user_id if token is not None else None
    holder = next((user for ask in holders_of_sessions if (user := ask(session_id)) is not None), None)
    return holder is not None and caller in (None, holder)


def file_address(file: FieldFile, *, called: str) -> str:
    """Return the signed address of a private file, downloaded under the name ``called`` (its own where empty)."""
    stem, ending = PurePosixPath(called).stem, PurePosixPath(called).suffix[: _LONGEST_CALLED // 2]
    storage: Any = file.storage
    address: str = storage.url(file.name, called=stem[: _LONGEST_CALLED - len(ending)] + ending)
    return address


class _FolderStorage(FileSystemStorage):
    """Files in one folder under ``MEDIA_ROOT``, wherever that is set to: ``serve_media`` reads the setting too."""

    folder: ClassVar[str]

    @cached_property
    def base_location(self) -> str:  # Django drops what is cached here when the setting changes
        return str(Path(settings.MEDIA_ROOT) / self.folder)


class SignedFolderStorage(_FolderStorage):
    """Private files under ``MEDIA_ROOT/private``."""

    folder = "private"

    def url(self, name: str | None, *, called: str = "") -> str:
        path = f"{settings.MEDIA_URL}private/{quote(name or '')}"
        return f"{settings.PUBLIC_URL}{path}?{sign_address(name or '', called=called)}"


class PublicFolderStorage(_FolderStorage):
    """Thumbnails and portraits under ``MEDIA_ROOT/public``: anyone who has the address may see them."""

    folder = "public"

    def url(self, name: str | None) -> str:
        return f"{settings.PUBLIC_URL}{settings.MEDIA_URL}public/{quote(name or '')}"


def public_storage() -> Any:
    """The storage of pictures that anyone may see (a callable, so that migrations don't name a backend)."""
    return storages["public"]


@require_safe
def serve_media(request: HttpRequest, kind: str, name: str) -> HttpResponseBase:
    """Send a file of the folder storages.

    A missing file, a bad or expired signature and an address given to somebody else are all 404; 401 for a bad
    token. One statement for an address that was given to a session.
    """
    try:
        if kind == "private" and not is_signed(name, request):
            return not_found(request)
    except NotSignedIn as error:
        rendered = render_error(error)
        assert rendered is not None  # one of our own
        return JsonResponse(rendered.body, status=rendered.status, headers=rendered.headers)
    if "session" in request.GET and not connection.in_atomic_block:
        # The database was asked, and a film is sent for minutes: a pooled connection goes back before its last byte.
        connection.close_if_unusable_or_obsolete()
    try:
        file = Path(safe_join(str(Path(settings.MEDIA_ROOT) / kind), name)).open("rb")  # noqa: SIM115 - the answer closes it
    except (OSError, ValueError, SuspiciousFileOperation):  # absent, a folder, no possible name, or outside of ours
        return not_found(request)
    return _file_answer(request, file)


def _file_answer(request: HttpRequest, file: IO[bytes]) -> HttpResponseBase:
    path, size = Path(file.name), os.fstat(file.fileno()).st_size
    try:
        span = _asked_range(request.headers.get("Range", ""), size)
    except NotThere:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(last - first + 1),
        "Content-Disposition": served_disposition(path.name, called=request.GET.get("called", "")),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
    if span:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StreamingHttpResponse(
        _chunks(request, file, first, last - first + 1),
        status=206 if span else 200,
        content_type=served_type(path.name),
        headers=headers,
    )


def _asked_range(header: str, size: int) -> tuple[int, int] | None:
    """Return (first, last) of a single byte range, None for the whole file; ``NotThere`` where none of it exists."""
    match = _RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # bytes=-500: the last 500
        span = max(0, size - int(last)), size - 1
    else:
        span = int(first), min(int(last), size - 1) if last else size - 1
    if span[0] >= size or span[0] > span[1]:
        raise NotThere
    return span


def _chunks(request: HttpRequest, file: IO[bytes], first: int, length: int) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Read in the way the server asks: handed a plain iterator, Django under ASGI would first read all of it."""
    chunks = _Chunks(file, first, length)
    return _AsyncChunks(chunks) if isinstance(request, ASGIRequest) else chunks


class _Chunks(Iterator[bytes]):
    """Pieces of a file; Django calls ``close`` once it has answered, also where the caller went away before."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        file.seek(first)
        self.close = file.close
        self._file, self._left = file, length

    def __next__(self) -> bytes:
        chunk = self._file.read(min(_CHUNK, self._left))
        if not chunk:
            raise StopIteration
        self._left -= len(chunk)
        return chunk


class _AsyncChunks(AsyncIterator[bytes]):
    """The same, read beside the event loop."""

    def __init__(self, chunks: _Chunks) -> None:
        self.close = chunks.close
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        chunk = await asyncio.to_thread(next, self._chunks, b"")
        if not chunk:
            raise StopAsyncIteration
        return chunk
