"""As what a stored file may be shown: judged by its ending, which for uploads is ours and follows from the content."""

from pathlib import PurePosixPath

from django.utils.http import content_disposition_header

#: Shown in place; everything else (SVG and HTML above all, which can carry scripts) is only ever downloaded.
_INLINE = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".vtt": "text/vtt",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
#: Downloaded under a type that tells devices which program opens it; what is in neither table is just bytes.
_DOWNLOADED = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".md": "text/markdown; charset=utf-8",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def served_type(stored_name: str) -> str:
    """Return the content type under which a file of this name leaves us."""
    ending = PurePosixPath(stored_name).suffix.lower()
    return _INLINE.get(ending) or _DOWNLOADED.get(ending) or "application/octet-stream"


def served_disposition(stored_name: str, *, called: str = "") -> str:
    """Return its Content-Disposition: in place or as a download, under the name ``called`` where one is given."""
    path = PurePosixPath(stored_name)
    return content_disposition_header(path.suffix.lower() not in _INLINE, called or path.name) or "inline"
