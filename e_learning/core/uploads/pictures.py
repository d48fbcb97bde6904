"""Pictures: decoded and drawn anew, so that only what is seen is kept.

Metadata (where it was taken, by which camera), colour profiles, comments, further frames and
whatever was hidden behind the picture stay behind; the orientation is applied. An animation
becomes its first frame.
"""

import io
from typing import IO, Any

from django.conf import settings
from PIL import Image, ImageOps

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads.refusals import BrokenFile, TooManyPixels

_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
#: What each is kept as. A GIF is drawn with few colours and hard edges: PNG keeps those.
_KEPT_AS = {"PNG": "PNG", "GIF": "PNG", "JPEG": "JPEG", "WEBP": "WEBP"}
_ENDINGS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_QUALITY = {"PNG": {}, "JPEG": {"quality": 85}, "WEBP": {"quality": 85}}


def is_picture(head: bytes) -> bool:
    """Say whether a file that begins so claims to be a PNG, JPEG, GIF or WebP."""
    return head.startswith(_SIGNATURES) or _is_webp(head)


def redrawn(file: IO[bytes], *, longest_side: int) -> tuple[bytes, str]:
    """Return the picture as new bytes with their ending, its longer side at most ``longest_side`` pixels.

    Refuses: 413 for more than ``UPLOAD_MAX_IMAGE_PIXELS`` (before anything is decoded), 400 for what can't be decoded.
    """
    try:
        _refuse_bomb(_webp_size(file))
        with Image.open(file, formats=list(_KEPT_AS)) as picture:
            _refuse_bomb(picture.size)
            kept_as = _KEPT_AS[picture.format or ""]
            return _drawn(picture, kept_as, longest_side), _ENDINGS[kept_as]
    except ApiError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except Exception as error:  # decoders stumble in many ways, always over the file
        raise BrokenFile from error


def _drawn(picture: Image.Image, kept_as: str, longest_side: int) -> bytes:
    size = (longest_side, longest_side)
    picture.draft("RGB", size)  # a JPEG is decoded at a fraction of its size where that is enough
    mode = "RGBA" if kept_as != "JPEG" and picture.has_transparency_data else "RGB"
    drawn: Image.Image = picture if picture.mode == mode else picture.convert(mode)
    drawn.thumbnail(size)
    drawn = ImageOps.exif_transpose(drawn)
    drawn.info = {}  # encoders would carry profiles and comments over
    kept = io.BytesIO()
    options: dict[str, Any] = _QUALITY[kept_as]
    drawn.save(kept, kept_as, **options)
    return kept.getvalue()


def _refuse_bomb(size: tuple[int, int]) -> None:
    if size[0] * size[1] > settings.UPLOAD_MAX_IMAGE_PIXELS:
        raise TooManyPixels


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _webp_size(file: IO[bytes]) -> tuple[int, int]:
    """Return the size that a WebP's header states, (0, 0) for any other file.

    Pillow makes room for the whole canvas while it opens one, before its size can be asked.
    Source: the WebP container specification (RFC 9649 §2.5 to §2.7).
    """
    file.seek(0)
    head = file.read(30)
    file.seek(0)
    if not _is_webp(head) or len(head) < 30:
        return 0, 0
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
