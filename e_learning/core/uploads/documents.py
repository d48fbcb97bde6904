"""Documents: PDF, office files and plain text, told by their structure. They are kept byte for byte, never unpacked.

Left out on purpose: HTML and SVG (they run scripts), office files with macros, and ZIP archives,
whose content nobody here would have judged.
"""

import codecs
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads.refusals import BrokenFile, KindNotAllowed

_TAIL = 1024
_CHUNK = 64 * 1024
_END_RECORD = struct.Struct("<4s4H2LH")
_MOST_ENTRIES, _LARGEST_DIRECTORY, _LARGEST_LIST = 5000, 1024 * 1024, 1024 * 1024
#: What all parts of an office file may come to when somebody opens it.
_MOST_UNPACKED = 1024 * 1024 * 1024
#: By the main part that [Content_Types].xml names (ECMA-376); the ones with macros have other types.
_OFFICE = {
    b"wordprocessingml.document.main+xml": ".docx",
    b"presentationml.presentation.main+xml": ".pptx",
    b"spreadsheetml.sheet.main+xml": ".xlsx",
}
#: By the first part, ``mimetype``, which is stored as it is (ODF 1.3 part 2 §3.3, EPUB OCF §4.3).
_BY_MIMETYPE = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
    b"application/epub+zip": ".epub",
}
_MACROS = re.compile(r"(^|/)vbaProject\.bin$|^(Basic|Scripts)/", re.IGNORECASE)
#: Between these, what a text is called decides: their bytes look alike.
_TEXTS = {".txt": ".txt", ".md": ".md", ".markdown": ".md", ".csv": ".csv"}
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*(<!doctype|<\?xml|<(html|head|body|svg|script|iframe|math|xml)\b)", re.IGNORECASE)


def document_ending(file: IO[bytes], *, name: str) -> str:
    """Return the ending under which the document is kept. Refuses: 415 for any other kind, 400 for a damaged one."""
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(b"PK\x03\x04"):
        return _package(file)
    return _text(file, name)


def _pdf(file: IO[bytes]) -> str:
    """A PDF begins at the first byte and ends with its mark: nothing else stands before or behind it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    if b"%%EOF" not in file.read():
        raise BrokenFile
    return ".pdf"


def _package(file: IO[bytes]) -> str:
    _look_at_the_end(file)
    try:
        with zipfile.ZipFile(file) as archive:
            return _packaged(archive)
    except ApiError:
        raise
    except Exception as error:  # zipfile stumbles in many ways, always over the file
        raise BrokenFile from error


def _look_at_the_end(file: IO[bytes]) -> None:
    """Refuse what could keep ``zipfile`` busy, and anything that stands behind the archive."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_RECORD.size))
    end = file.read()
    if len(end) < _END_RECORD.size or not end.startswith(b"PK\x05\x06"):
        raise BrokenFile
    _mark, _disk, _start, _here, entries, directory, _offset, comment = _END_RECORD.unpack(end)
    if entries > _MOST_ENTRIES or directory > _LARGEST_DIRECTORY or comment:
        raise KindNotAllowed


def _packaged(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    if not parts or parts[0].header_offset or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise KindNotAllowed
    if any(_MACROS.search(part.filename) for part in parts):
        raise KindNotAllowed
    if parts[0].filename == "mimetype":
        ending = _BY_MIMETYPE.get(_beginning(archive, "mimetype").strip())
    else:
        listed = _beginning(archive, "[Content_Types].xml") if _holds(parts, "[Content_Types].xml") else b""
        ending = next((ending for main, ending in _OFFICE.items() if main in listed), None)
    if ending is None:
        raise KindNotAllowed
    return ending


def _holds(parts: list[zipfile.ZipInfo], name: str) -> bool:
    return any(part.filename == name for part in parts)


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_LARGEST_LIST)


def _text(file: IO[bytes], name: str) -> str:
    ending = _TEXTS.get(PurePosixPath(name).suffix.lower())
    if ending is None:
        raise KindNotAllowed
    try:
        for number, text in enumerate(_decoded(file)):
            if _NOT_IN_TEXT.search(text) or (number == 0 and _MARKUP.match(text)):
                raise KindNotAllowed
    except UnicodeDecodeError as error:
        raise KindNotAllowed from error
    return ending


def _decoded(file: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
