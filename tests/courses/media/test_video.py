"""Where a video is played from."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from courses.media.video import VideoSource, video_of, video_source
from courses.models import Content
from tests.factories.courses import contents_of, make_course

WATCH = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("address", "kind", "url"),
    [
        (WATCH, "youtube", WATCH),
        ("http://youtube.com/watch?list=PL1&v=dQw4w9WgXcQ&t=10", "youtube", WATCH),
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "youtube", WATCH),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube", WATCH),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "youtube", WATCH),
        ("https://vimeo.com/76979871", "vimeo", "https://vimeo.com/76979871"),
        ("https://player.vimeo.com/video/76979871", "vimeo", "https://vimeo.com/76979871"),
        ("https://vimeo.com/76979871/8272103f6e", "vimeo", "https://vimeo.com/76979871/8272103f6e"),
        ("https://vimeo.com/channels/staffpicks/76979871", "vimeo", "https://vimeo.com/76979871"),
        ("https://example.com/a.mp4", "direct", "https://example.com/a.mp4"),
        ("https://www.youtube.com/@somebody", "direct", "https://www.youtube.com/@somebody"),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", "direct", "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ"),
        ("https://example.com/?u=https://youtu.be/dQw4w9WgXcQ", "direct", "https://example.com/?u=https://youtu.be/dQw4w9WgXcQ"),
    ],
)  # fmt: skip
def test_each_address_is_played_by_its_own_player(address, kind, url):
    assert video_source(address) == VideoSource(kind, url)


@dataclass
class Shown:
    content_type: str = "video"
    video_url: str = ""
    video_file: Any = None
    video_duration: int | None = None
    poster: Any = None


def test_a_video_says_what_a_player_needs():
    assert video_of(Shown(video_url="https://youtu.be/dQw4w9WgXcQ", video_duration=212)) == {
        "source": "youtube",
        "status": "ready",
        "hls_url": None,
        "renditions": [{"quality": "source", "url": WATCH}],
        "duration": 212,
        "poster": None,
    }


def test_what_has_no_video_says_so():
    assert video_of(Shown()) is None
    assert video_of(Shown(content_type="text", video_url=WATCH)) is None


def test_a_stored_film_is_played_from_a_signed_address(asha, settings):
    content = contents_of(make_course(asha))[0]
    Content.objects.filter(pk=content.pk).update(content_type="video", video_url=WATCH)
    content.refresh_from_db()
    content.video_file.save("a.mp4", ContentFile(b"0123456789"))
    video = video_of(content)
    assert video is not None
    assert video["source"] == "stored"
    address = video["renditions"][0]["url"].removeprefix(settings.PUBLIC_URL)
    assert Client().get(address).status_code == 200
    assert Client().get(address.partition("?")[0]).status_code == 404
