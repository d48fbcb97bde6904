"""Subtitles over the API: kept by owners, read by whoever may open the video and by players with signed addresses."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.languages.cues import read_subtitles
from courses.languages.selectors import closest, subtitle_tracks
from courses.languages.services import keep_subtitles, normal_tag
from courses.models import Content, Course, Subtitle
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db
SRT = b"1\n00:00:01,000 --> 00:00:02,500\nHello, <b>Bilal</b>!\n"
HINDI = "WEBVTT\n\n00:01.200 --> 00:02.500\nनमस्ते!\n".encode()


@pytest.fixture
def video(asha: CustomUser) -> Content:
    course = make_course(asha)
    return make_content(contents_of(course)[0].module, content_type="video", video_url="https://video.example/a.mp4")


def address(video: Content, language: str = "") -> str:
    return f"/api/courses/contents/{video.pk}/subtitles/" + (f"{language}/" if language else "")


def put(client: APIClient, video: Content, language: str, data: bytes = SRT, kind: str = "application/x-subrip") -> Any:
    return client.put(address(video, language), data, content_type=kind)


def test_owner_keeps_a_file_and_replaces_it(ashas: APIClient, video: Content) -> None:
    first = put(ashas, video, "en")
    assert (first.status_code, first.json()) == (201, {"content_id": video.pk, "language": "en", "cue_count": 1})
    again = put(ashas, video, "en", b"WEBVTT\n\n00:01.000 --> 00:02.000\nBye\n", "text/vtt")
    assert again.status_code == 200
    assert Subtitle.objects.get().cues == [{"start": 1.0, "end": 2.0, "text": "Bye"}]


@pytest.mark.parametrize(
    "kind", ["text/vtt", "application/x-subrip", "text/plain; charset=utf-8", "application/octet-stream"]
)
def test_file_is_judged_by_its_content_under_any_of_its_types(kind: str, ashas: APIClient, video: Content) -> None:
    assert put(ashas, video, "en", kind=kind).status_code == 201


def test_file_may_come_as_a_form(ashas: APIClient, video: Content) -> None:
    form = {"file": SimpleUploadedFile("hello.srt", SRT)}
    assert ashas.put(address(video, "en"), form, format="multipart").status_code == 201


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"hello", "text/vtt", 400, "invalid_subtitles"),
        (b"", "text/vtt", 400, "required"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"x" * (1024 * 1024 + 1), "text/vtt", 413, "too_large"),
        (b"no form", "multipart/form-data", 400, "parse_error"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 400, "required"),
    ],
)
def test_body_that_is_no_file_is_refused(
    data: bytes, kind: str, status: int, code: str, ashas: APIClient, video: Content
) -> None:
    refused = put(ashas, video, "en", data, kind)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (status, code)
    assert not Subtitle.objects.exists()


def test_form_with_a_file_too_large_or_none_is_refused(ashas: APIClient, video: Content) -> None:
    large = {"file": SimpleUploadedFile("hello.srt", b"x" * (1024 * 1024 + 1))}
    assert ashas.put(address(video, "en"), large, format="multipart").status_code == 413
    assert ashas.put(address(video, "en"), {"file": "a text"}, format="multipart").status_code == 400


@pytest.mark.parametrize("language", ["e", "english!", "en-", "en_GB", "12", "x" * 21, "en-US-x-a-b-c-d-e-f-g", "%00"])
def test_what_is_no_language_is_refused(language: str, ashas: APIClient, video: Content) -> None:
    refused = put(ashas, video, language)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "invalid_language")


def test_language_is_there_once_in_whatever_case_it_is_written(ashas: APIClient, video: Content) -> None:
    assert put(ashas, video, "EN-gb").json()["language"] == "en-GB"
    assert put(ashas, video, "en-GB").status_code == 200
    assert normal_tag("ZH-hans-cn") == "zh-Hans-CN"
    assert normal_tag("es-419") == "es-419"


def test_only_a_video_has_subtitles(ashas: APIClient, video: Content) -> None:
    text = Content.objects.filter(content_type="text").first()
    assert text is not None
    refused = put(ashas, text, "en")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "content_is_not_a_video")


def test_others_keep_nothing(
    video: Content,
    client_for: ClientFor,
    bilal: CustomUser,
    chitra: CustomUser,
    anonymous: APIClient,
    admin: CustomUser,
) -> None:
    enroll(bilal, video.module.course)
    for user in (bilal, chitra):
        assert put(client_for(user), video, "en").status_code == 404
    assert put(anonymous, video, "en").status_code == 401
    assert not Subtitle.objects.exists()
    assert put(client_for(admin), video, "en").status_code == 201


# --- reading ------------------------------------------------------------------------------------


@pytest.fixture
def subtitled(video: Content) -> Content:
    keep_subtitles(content=video, language="en", cues=read_subtitles(SRT))
    keep_subtitles(content=video, language="hi", cues=read_subtitles(HINDI))
    return video


def test_learner_reads_each_cue_with_its_words_and_its_translation(
    subtitled: Content, client_for: ClientFor, bilal: CustomUser
) -> None:
    enroll(bilal, subtitled.module.course)
    bilal.native_language = "hi-IN"
    bilal.save()
    read = client_for(bilal).get(address(subtitled), {"language": "en"})
    assert read.json() == [
        {"start": 1.0, "end": 2.5, "text": "Hello, Bilal!", "translation": "नमस्ते!", "words": ["Hello", "Bilal"]}
    ]


def test_language_of_ones_own_needs_no_translation(
    subtitled: Content, client_for: ClientFor, bilal: CustomUser
) -> None:
    enroll(bilal, subtitled.module.course)
    bilal.native_language = "hi"
    bilal.save()
    [cue] = client_for(bilal).get(address(subtitled), {"language": "hi"}).json()
    assert (cue["text"], cue["translation"], cue["words"]) == ("नमस्ते!", None, ["नमस्ते"])


def test_without_a_language_the_first_is_read(subtitled: Content, ashas: APIClient) -> None:
    assert ashas.get(address(subtitled)).json()[0]["text"] == "Hello, Bilal!"
    assert ashas.get(address(subtitled), {"language": "en-US"}).status_code == 200
    assert ashas.get(address(subtitled), {"language": "fr"}).status_code == 404
    assert ashas.get(address(subtitled), {"language": "\0"}).status_code == 404


def test_video_without_subtitles_has_none(video: Content, ashas: APIClient) -> None:
    assert ashas.get(address(video)).json() == []
    assert ashas.get(address(video), {"format": "vtt"}).content == b"WEBVTT\n"


def test_webvtt_is_given_as_a_file(subtitled: Content, ashas: APIClient) -> None:
    answer = ashas.get(address(subtitled), {"language": "en", "format": "vtt"})
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.content.decode() == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello, Bilal!\n"


def test_subtitles_are_as_locked_as_their_video(
    subtitled: Content, client_for: ClientFor, bilal: CustomUser, chitra: CustomUser, anonymous: APIClient
) -> None:
    enroll(bilal, subtitled.module.course)
    assert client_for(bilal).get(address(subtitled)).status_code == 200
    assert client_for(chitra).get(address(subtitled)).status_code == 403
    assert anonymous.get(address(subtitled)).status_code == 401
    Course.objects.update(is_published=False)
    assert client_for(bilal).get(address(subtitled)).status_code == 200
    assert client_for(chitra).get(address(subtitled)).status_code == 404
    Course.objects.update(is_published=True)
    Content.objects.filter(pk=subtitled.pk).update(is_preview=True)
    assert anonymous.get(address(subtitled)).status_code == 200
    assert client_for(chitra).get(address(subtitled)).status_code == 200


def test_player_opens_the_signed_address_and_no_other(subtitled: Content, anonymous: APIClient) -> None:
    tracks = subtitle_tracks(subtitled.pk)
    assert [track["language"] for track in tracks] == ["en", "hi"]
    parts = urlsplit(tracks[1]["url"])
    opened = anonymous.get(f"{parts.path}?{parts.query}")
    assert (opened.status_code, opened["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert "नमस्ते" in opened.content.decode()
    assert anonymous.get(f"{parts.path}?{parts.query[:-1]}").status_code == 401
    later = parts.query.replace("expires=", "expires=9")
    assert anonymous.get(f"{parts.path}?{later}").status_code == 401
    other = make_content(subtitled.module, content_type="video")
    assert anonymous.get(f"{address(other)}?{parts.query}").status_code == 401


def test_signed_address_runs_out(subtitled: Content, anonymous: APIClient, settings: Any) -> None:
    settings.MEDIA_ADDRESS_SECONDS = -1000
    parts = urlsplit(subtitle_tracks(subtitled.pk)[0]["url"])
    assert anonymous.get(f"{parts.path}?{parts.query}").status_code == 401


def test_reading_takes_the_same_statements_for_one_language_and_three(
    subtitled: Content, client_for: ClientFor, bilal: CustomUser, django_assert_num_queries: Any
) -> None:
    enroll(bilal, subtitled.module.course)
    bilals = client_for(bilal)
    Subtitle.objects.filter(language="hi").delete()
    for language in ("hi", "ta", "te"):
        with django_assert_num_queries(4):  # the session, the content, the languages, the cues
            assert bilals.get(address(subtitled), {"language": "en"}).status_code == 200
        with django_assert_num_queries(1):
            subtitle_tracks(subtitled.pk)
        keep_subtitles(content=subtitled, language=language, cues=[])


def test_closest_language_is_the_same_tag_then_the_same_language() -> None:
    assert closest("en", ["en-GB", "en"]) == "en"
    assert closest("en-US", ["de", "en-GB"]) == "en-GB"
    assert closest("hi", ["en"]) is None
    assert closest("", ["en"]) is None
