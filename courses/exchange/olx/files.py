"""A course's files, from a folder or an archive, and nothing outside them."""

import gzip
import io
import os
import re
import stat
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.markup import parse_xml

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MEGABYTE = 1024 * 1024
_LONGEST_NAME = 255
_LONGEST_PATH = 1000
#: Half of a surrogate pair, which JSON can spell and no file name has.
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a course may be, in bytes and files. ``ratio``: how far an archive may unfold, past its first 10 MB."""

    total_bytes: int = 200 * _MEGABYTE
    file_bytes: int = 5 * _MEGABYTE
    files: int = 20_000
    ratio: int = 100


class CourseFiles:
    """The files under one folder, by their path from it.

    Every read goes through ``read``: it follows no link out of the folder, opens regular files only,
    and keeps a budget, so that a folder of large files costs no more than an archive of them.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root.resolve()
        self._limits = limits
        self._budget = limits.total_bytes

    def exists(self, name: str) -> bool:
        path = self._inside(name)
        return path is not None and path.is_file()

    def read(self, name: str, *, max_bytes: int | None = None) -> bytes | None:
        """Return the file's bytes, or None where there is no such file. ``max_bytes``: another limit for this file."""
        path = self._inside(name)
        if path is None or not path.exists() or path.is_dir():
            return None
        # Not blocking on a pipe that stands where a file should; the check below then refuses it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ImportRefused(_("%(name)s is not a regular file.") % {"name": name})
            limit = max_bytes or self._limits.file_bytes
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ImportRefused(_("%(name)s is larger than %(limit)d bytes.") % {"name": name, "limit": limit})
        self._budget -= len(data)
        if self._budget < 0:
            raise _too_large(self._limits)
        return data

    def read_xml(self, name: str) -> Element | None:
        data = self.read(name)
        return None if data is None else parse_xml(data, name)

    def read_text(self, name: str) -> str | None:
        """Return the file as text, bytes that are no UTF-8 shown as �; None where there is no such file."""
        data = self.read(name)
        return None if data is None else data.decode("utf-8-sig", errors="replace")

    def _inside(self, name: str) -> Path | None:
        """Return where ``name`` is, refusing one that leads outside; None for a name that no file can have."""
        parts = checked_parts(name)
        if len(name) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in parts):
            return None
        try:
            path = self._root.joinpath(*parts).resolve()
        except (OSError, RuntimeError):  # a loop of links, which Python 3.13 no longer minds
            return None
        if not path.is_relative_to(self._root):
            raise ImportRefused(_("%(name)s leads out of the course.") % {"name": name})
        return path


def checked_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a relative path, refusing whatever could lead elsewhere: ``..``, a root, a backslash."""
    parts = PurePosixPath(name).parts
    is_odd = not parts or name.startswith("/") or "\\" in name or "\0" in name or _HALF.search(name)
    if is_odd or ".." in parts:
        raise ImportRefused(_("%(name)r is not a path inside the course.") % {"name": name[:200]})
    return parts


@contextmanager
def open_course(path: Path, limits: Limits | None = None) -> Iterator[CourseFiles]:
    """Open the course at ``path`` (a folder, or a gzipped tar), found by its ``course.xml`` there or one folder down.

    An archive is unfolded into a temporary folder that is gone afterwards; it is refused at the first
    member that is a link, a device or outside, and as soon as it passes a limit.
    """
    limits = limits or Limits()
    if path.is_dir():
        yield CourseFiles(_course_root(path), limits)
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="olx-") as folder:
            _unfold(path, Path(folder), limits)
            yield CourseFiles(_course_root(Path(folder)), limits)
    else:
        raise ImportRefused(_("There is nothing at %(path)s.") % {"path": path})


def _course_root(folder: Path) -> Path:
    candidates = [folder, *sorted(child for child in folder.iterdir() if child.is_dir() and not child.is_symlink())]
    found = [candidate for candidate in candidates if (candidate / "course.xml").is_file()]
    if not found:
        raise ImportRefused(_("This is not a course: there is no course.xml in it."))
    if len(found) > 1 and found[0] != folder:
        raise ImportRefused(_("There is more than one course in it; point at one of them."))
    return found[0]


class _Bounded(io.RawIOBase):
    """The unfolded bytes of an archive, up to a limit.

    It stands below tarfile, which believes the sizes that headers claim: also an extended header that
    pretends to be gigabytes long ends here.
    """

    def __init__(self, source: gzip.GzipFile, limits: Limits, packed: int) -> None:
        super().__init__()
        self._source = source
        # Every member costs a header of 512 bytes and up to 511 of padding beside its own bytes.
        self._left = min(limits.total_bytes, max(packed * limits.ratio, 10 * _MEGABYTE)) + limits.files * 1024
        self._limits = limits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = self._source.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise _too_large(self._limits)
        return count


def _unfold(archive: Path, folder: Path, limits: Limits) -> None:
    packed = archive.stat().st_size
    if packed > limits.total_bytes:
        raise _too_large(limits)
    try:
        with gzip.open(archive) as plain:
            bounded = io.BufferedReader(_Bounded(plain, limits, packed))
            with tarfile.open(fileobj=bounded, mode="r|") as members:
                _write_members(members, folder, limits)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ImportRefused(_("This is neither a folder nor a readable .tar.gz.")) from error
    except OSError as error:  # two members in each other's place, a name the file system can't hold
        message = _("The archive can't be unfolded: %(error)s.")
        raise ImportRefused(message % {"error": error.strerror or error}) from error


def _write_members(members: tarfile.TarFile, folder: Path, limits: Limits) -> None:
    count = total = 0
    for member in members:
        count += 1
        total += member.size
        if count > limits.files or total > limits.total_bytes:
            raise _too_large(limits)
        target = folder.joinpath(*_member_parts(member))
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        content = members.extractfile(member)
        if content is None:
            raise ImportRefused(_("%(name)s in the archive can't be read.") % {"name": member.name})
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            while chunk := content.read(_MEGABYTE):
                file.write(chunk)


def _member_parts(member: tarfile.TarInfo) -> tuple[str, ...]:
    """Return where a member goes, refusing everything but plain files and folders inside the archive."""
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise ImportRefused(_("%(name)s in the archive is a link or a device.") % {"name": member.name})
    if member.isdir() and member.name in {".", "./"}:
        return ()
    return checked_parts(member.name)


def _too_large(limits: Limits) -> ImportRefused:
    size = limits.total_bytes // _MEGABYTE
    message = _("The course is too large: at most %(files)d files and %(size)d MB, unfolded.")
    return ImportRefused(message % {"files": limits.files, "size": size})
