"""Films that browsers play: MP4 and WebM, told by their first bytes and kept as they came."""

from typing import IO

from e_learning.core.uploads.refusals import KindNotAllowed

#: Brands that players of the web take (ISO/IEC 14496-12 §4.3); QuickTime and HEIC have others.
_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV"}
_EBML = b"\x1a\x45\xdf\xa3"


def is_film(head: bytes) -> bool:
    """Say whether a file that begins so is of the families of MP4 or Matroska."""
    return head[4:8] == b"ftyp" or head.startswith(_EBML)


def film_ending(file: IO[bytes]) -> str:
    """Return the ending under which the film is kept; 415 for a relative that browsers don't play."""
    file.seek(0)
    head = file.read(64)
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return ".mp4"
    if head.startswith(_EBML) and b"webm" in head:
        return ".webm"
    raise KindNotAllowed
