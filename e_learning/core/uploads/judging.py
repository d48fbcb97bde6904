"""The one door for files that people send."""

import hashlib
import io
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import IO, Any, Literal

from django.conf import settings
from django.core.files.base import File

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads.documents import document_ending
from e_learning.core.uploads.films import film_ending, is_film
from e_learning.core.uploads.pictures import is_picture, redrawn
from e_learning.core.uploads.refusals import EmptyFile, FileTooLarge, KindNotAllowed

Family = Literal["picture", "document", "film"]
PICTURE: Family = "picture"
DOCUMENT: Family = "document"
FILM: Family = "film"
LONGEST_NAME = 255
_HEAD = 64


class JudgedFile(File):
    """A file that may be kept. ``name`` is ours: the hash of its bytes and the ending of what it is.

    ``original_name`` is the last part of what the sender called it, for downloads only; ``digest``
    is the SHA-256 of the bytes as kept, in hexadecimal.
    """

    def __init__(self, file: IO[bytes], *, family: Family, ending: str, original_name: str) -> None:
        file.seek(0)
        self.digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # an upload reads as a file does
        file.seek(0)
        super().__init__(file, name=f"{self.digest[:32]}{ending}")
        self.family = family
        self.original_name = original_name


def judged_upload(
    upload: Any, *, families: Collection[Family], longest_side: int = 2560, attr: str | None = None
) -> JudgedFile:
    """Return the upload as it may be kept: a picture drawn anew within ``longest_side`` pixels, the rest as it came.

    Refuses: 400 for an empty or damaged file, 413 for one past its family's ``UPLOAD_MAX_…``, 415 for
    any kind that is not of ``families``; ``attr`` names the field. Nothing is judged by the name
    but which kind of plain text a plain text is.
    """
    try:
        return _judged(upload, families, longest_side)
    except ApiError as error:
        error.attr = attr
        raise


def _judged(upload: Any, families: Collection[Family], longest_side: int) -> JudgedFile:
    if not upload.size:
        raise EmptyFile
    upload.seek(0)
    family = _family_of(upload.read(_HEAD))
    if family not in families:
        raise KindNotAllowed
    if upload.size > _most_bytes(family):
        raise FileTooLarge
    name = last_part(upload.name or "")
    if family == PICTURE:
        data, ending = redrawn(upload, longest_side=longest_side)
        return JudgedFile(io.BytesIO(data), family=family, ending=ending, original_name=name)
    ending = film_ending(upload) if family == FILM else document_ending(upload, name=name)
    return JudgedFile(upload, family=family, ending=ending, original_name=name)


def _family_of(head: bytes) -> Family:
    if is_picture(head):
        return PICTURE
    return FILM if is_film(head) else DOCUMENT


def _most_bytes(family: Family) -> int:
    limits = {
        PICTURE: settings.UPLOAD_MAX_IMAGE_BYTES,
        DOCUMENT: settings.UPLOAD_MAX_DOCUMENT_BYTES,
        FILM: settings.UPLOAD_MAX_VIDEO_BYTES,
    }
    return int(limits[family])


def last_part(name: str) -> str:
    """Return the last part of a file's name in whatever form it came, never empty, at most 255 characters."""
    name = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name[-LONGEST_NAME:]
    return name if name.strip(". ") else "file"
