"""A video block: where it plays from, and its subtitles."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from courses.exchange.olx.errors import ImportRefused, NotImported
from courses.exchange.olx.files import CourseFiles
from courses.exchange.olx.structure import SubtitleTrack, VideoContent
from courses.exchange.olx.subtitles import read_cues

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}")
_CLOCK = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})(?:\.\d+)?")
_LONGEST_ADDRESS = 500
_LONGEST_LANGUAGE = 20
Json = TypeVar("Json", list[Any], dict[str, Any])


def read_video(
    video: Element, attributes: Mapping[str, str], files: CourseFiles, *, external_id: str, title: str, section: str
) -> VideoContent:
    """Return the video with its subtitles; NotImported where nothing says from where it plays."""
    url = _address(video, attributes)
    if url is None:
        raise NotImported(_("it has no address to play from"))
    return VideoContent(external_id, title, section, url, _duration(video), tuple(_tracks(video, attributes, files)))


def _address(video: Element, attributes: Mapping[str, str]) -> str | None:
    """Return a YouTube page or a direct address; YouTube first, as Open edX plays it. Addresses in the file only."""
    youtube = attributes.get("youtube_id_1_0") or _normal_speed(attributes.get("youtube", ""))
    youtube = youtube or _encoded(video, "youtube")
    if _YOUTUBE_ID.fullmatch(youtube):
        return f"https://www.youtube.com/watch?v={youtube}{_clip(attributes)}"
    direct = [source.get("src", "") for source in video.findall("source")]
    direct += [address for address in _read_json(attributes, "html5_sources", list) if isinstance(address, str)]
    direct += [_encoded(video, "desktop_mp4"), _encoded(video, "mobile_low"), _encoded(video, "hls")]
    playable = (address.strip() for address in direct)
    return next((url for url in playable if re.match(r"https?://[^\s/]", url) and len(url) <= _LONGEST_ADDRESS), None)


def _normal_speed(youtube: str) -> str:
    """Return the id at speed 1 of ``0.75:ID,1.00:ID,…``."""
    by_speed = dict(pair.split(":", 1) for pair in youtube.split(",") if ":" in pair)
    return next((name.strip() for speed, name in by_speed.items() if speed.strip() in {"1", "1.0", "1.00"}), "")


def _encoded(video: Element, profile: str) -> str:
    found = [encoded.get("url", "") for encoded in video.iter("encoded_video") if encoded.get("profile") == profile]
    return found[0] if found else ""


def _clip(attributes: Mapping[str, str]) -> str:
    """Return YouTube's parameters for a block that shows only a part of the video."""
    start, end = _seconds(attributes.get("start_time", "")), _seconds(attributes.get("end_time", ""))
    return (f"&start={start}" if start else "") + (f"&end={end}" if end > start else "")


def _seconds(clock: str) -> int:
    match = _CLOCK.fullmatch(clock.strip())
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) if match else 0


def _duration(video: Element) -> int | None:
    asset = video.find("video_asset")
    try:
        seconds = round(float(asset.get("duration", "0"))) if asset is not None else 0
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 1_000_000 else None


def _tracks(video: Element, attributes: Mapping[str, str], files: CourseFiles) -> Iterator[SubtitleTrack]:
    """Yield one track a language: of the files that the block names, the first that is there and can be read."""
    done: set[str] = set()
    for language, name in _subtitle_files(video, attributes):
        if language in done or len(language) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(language):
            continue
        try:
            text = files.read_text(f"static/{name}")
        except ImportRefused:  # a name that is no file of the course: the same as a missing one
            continue
        if text is not None and (cues := read_cues(text, name)):
            done.add(language)
            yield SubtitleTrack(language, cues)


def _subtitle_files(video: Element, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (language, name under ``static/``) in every way that OLX has had of naming subtitles."""
    for transcript in video.iter("transcript"):
        if transcript.get("language") and transcript.get("src"):
            yield transcript.get("language", ""), transcript.get("src", "").removeprefix("/static/")
    for language, name in _read_json(attributes, "transcripts", dict).items():
        if isinstance(name, str):
            yield language, name
    for transcript in video.iter("transcript"):
        if (language := transcript.get("language_code", "")) and attributes.get("edx_video_id"):
            yield language, f"{attributes['edx_video_id']}-{language}.srt"
    for name in (attributes.get("sub"), attributes.get("youtube_id_1_0")):
        if name:
            yield "en", f"subs_{name}.srt.sjson"


def _read_json(attributes: Mapping[str, str], name: str, kind: type[Json]) -> Json:
    """Return the JSON in an attribute, or an empty ``kind`` where it holds anything else."""
    try:
        value = json.loads(attributes.get(name) or "null")
    except (ValueError, RecursionError):
        return kind()
    return value if isinstance(value, kind) else kind()
