"""Where a video is, and what a player needs to know of it."""

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, urlsplit

Source = Literal["youtube", "vimeo", "direct", "stored"]
_YOUTUBE_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com"}
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v)/([\w-]{11})", re.ASCII)
_YOUTUBE_ID = re.compile(r"[\w-]{11}", re.ASCII)
_VIMEO_HOSTS = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
#: An unlisted film has a second part that opens it: vimeo.com/123/abc.
_VIMEO_PATH = re.compile(r"/(?:video/|channels/[\w-]+/)?(\d+)(?:/([0-9a-f]+))?/?", re.ASCII)


class HasVideo(Protocol):
    """What a content has to have: courses.catalogue.models.Content, seen from below."""

    @property
    def content_type(self) -> Any: ...
    @property
    def video_url(self) -> Any: ...
    @property
    def video_file(self) -> Any: ...
    @property
    def video_duration(self) -> Any: ...
    @property
    def poster(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class VideoSource:
    """One place a video can be played from: ``url`` in the one form of its kind."""

    kind: Source
    url: str


def video_source(address: str) -> VideoSource:
    """Return what kind of address this is (http or https); one that no known player serves is ``direct``."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if youtube_id := _youtube_id(host, parts.path, parts.query):
        return VideoSource("youtube", f"https://www.youtube.com/watch?v={youtube_id}")
    if host in _VIMEO_HOSTS and (match := _VIMEO_PATH.fullmatch(parts.path)):
        return VideoSource("vimeo", "https://vimeo.com/" + "/".join(part for part in match.groups() if part))
    return VideoSource("direct", address)


def _youtube_id(host: str, path: str, query: str) -> str | None:
    if host == "youtu.be":
        candidate = path.strip("/")
    elif host not in _YOUTUBE_HOSTS:
        return None
    elif match := _YOUTUBE_PATH.match(path):
        candidate = match[1]
    else:
        candidate = parse_qs(query).get("v", [""])[0]
    return candidate if _YOUTUBE_ID.fullmatch(candidate) else None


def video_of(content: HasVideo) -> dict[str, Any] | None:
    """Return the contract's ``video`` without its subtitles, or None where the content has no video.

    A stored file comes before an address; its own address and the poster's are signed and expire.
    ``duration`` is in whole seconds, null while unknown.
    """
    if content.content_type != "video" or not (content.video_file or content.video_url):
        return None
    stored = content.video_file
    source = VideoSource("stored", stored.url) if stored else video_source(content.video_url)
    return {
        "source": source.kind,
        "status": "ready",
        "hls_url": None,
        "renditions": [{"quality": "source", "url": source.url}],
        "duration": content.video_duration,
        "poster": content.poster.url if content.poster else None,
    }
