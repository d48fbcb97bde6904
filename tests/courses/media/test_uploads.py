"""What authors upload over REST, and who may open it afterwards."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Asset, Content, Course
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.uploads import HTML, MP4, PDF, SVG, office, picture, png_that_claims, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha)


@pytest.fixture
def teacher(asha: CustomUser, client_for: ClientFor) -> APIClient:
    return client_for(asha)


def files(settings: Any) -> int:
    return sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def opened(client: Any, address: str) -> Any:
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}")
    answer.content_read = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def send(client: APIClient, content: Content, **parts: Any) -> Any:
    return client.post(f"/api/courses/contents/{content.pk}/upload/", parts, format="multipart")


# --- thumbnails ---------------------------------------------------------------------------------


def test_a_course_is_made_with_its_thumbnail_by_a_form(teacher: APIClient, anonymous: APIClient) -> None:
    answer = teacher.post(
        "/api/courses/courses/",
        {
            "title": "Signs",
            "price": "499.00",
            "learning_objectives": ["One", "Two"],
            "is_published": "true",
            "thumbnail": upload(picture("JPEG", (3000, 1500)), "../a.svg"),
        },
        format="multipart",
    )
    body = answer.json()
    assert answer.status_code == 201, body
    assert (body["price"], body["learning_objectives"], body["is_published"]) == ("499.00", ["One", "Two"], True)
    shown = opened(anonymous, body["thumbnail"])
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content_read)).size == (1280, 640)
    assert "svg" not in body["thumbnail"]


def test_a_thumbnail_is_replaced_kept_and_taken_away(
    course: Course, teacher: APIClient, anonymous: APIClient, settings: Any
) -> None:
    path = f"/api/courses/courses/{course.pk}/"
    first = teacher.patch(path, {"thumbnail": upload(picture())}, format="multipart").json()
    assert anonymous.get(path).json()["thumbnail"] == first["thumbnail"]
    second = teacher.patch(path, {"thumbnail": upload(picture("WEBP"))}, format="multipart").json()
    assert second["thumbnail"] != first["thumbnail"]
    assert files(settings) == 1
    assert opened(anonymous, first["thumbnail"]).status_code == 404
    assert anonymous.get(path).json()["thumbnail"] == second["thumbnail"]
    # A client that sends back what it was given changes nothing.
    assert teacher.patch(path, {"thumbnail": second["thumbnail"]}).json()["thumbnail"] == second["thumbnail"]
    assert teacher.patch(path, {"title": "New"}).json()["thumbnail"] == second["thumbnail"]
    assert teacher.patch(path, {"thumbnail": None}).json()["thumbnail"] is None
    assert files(settings) == 0


def test_a_refused_course_leaves_no_file_behind(course: Course, teacher: APIClient, settings: Any) -> None:
    refused = {"thumbnail": upload(picture()), "prerequisites": [course.pk], "title": "New"}
    answer = teacher.patch(f"/api/courses/courses/{course.pk}/", refused, format="multipart")
    assert answer.status_code == 400
    refused["thumbnail"] = upload(picture())
    refused["prerequisites"] = [999_999]
    assert teacher.post("/api/courses/courses/", refused, format="multipart").status_code == 400
    assert files(settings) == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [(SVG, 415), (HTML, 415), (PDF, 415), (b"", 400), (picture()[:50], 400), (png_that_claims(20_000, 20_000), 413)],
)
def test_a_thumbnail_that_is_none_is_refused(
    course: Course, teacher: APIClient, settings: Any, data: bytes, status: int
) -> None:
    answer = teacher.patch(
        f"/api/courses/courses/{course.pk}/", {"thumbnail": upload(data, "a.png")}, format="multipart"
    )
    assert answer.status_code == status
    assert answer.json()["errors"][0]["attr"] == "thumbnail"
    assert files(settings) == 0


# --- films, documents, posters ------------------------------------------------------------------


def test_a_document_is_downloaded_under_its_authors_name(
    course: Course, teacher: APIClient, bilal: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    content = contents_of(course)[0]
    answer = send(teacher, content, file=upload(office(), "पाठ 1.docx"))
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["percent"], answer.json()["error"]) == ("ready", 100, None)
    document = client_for(bilal).get(f"/api/courses/contents/{content.pk}/").json()["document"]
    shown = opened(APIClient(), document)
    assert shown.content_read == office()
    assert shown.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E0%A4%AA")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_given_to_one_learner_is_refused_to_another_and_ends_with_signing_out(
    course: Course, teacher: APIClient, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    content = contents_of(course)[0]
    send(teacher, content, file=upload(PDF))
    learner = client_for(bilal)
    address = learner.get(f"/api/courses/contents/{content.pk}/").json()["document"]
    assert opened(learner, address).status_code == 200
    assert opened(client_for(chitra), address).status_code == 404
    assert opened(teacher, address).status_code == 404
    assert opened(APIClient(), address).content_read == PDF
    learner.post("/api/accounts/logout/")
    assert opened(APIClient(), address).status_code == 404


def test_a_film_is_kept_and_played_with_its_poster(
    course: Course, teacher: APIClient, bilal: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    film = make_content(course.modules.get(), content_type="video", title="Film")
    answer = send(teacher, film, file=upload(MP4, "a.pdf"), poster=upload(picture()))
    assert answer.status_code == 201
    video = client_for(bilal).get(f"/api/courses/contents/{film.pk}/").json()["video"]
    assert (video["source"], video["status"]) == ("stored", "ready")
    played = opened(APIClient(), video["renditions"][0]["url"])
    assert (played.content_read, played.headers["Content-Type"]) == (MP4, "video/mp4")
    assert opened(APIClient(), video["poster"]).headers["Content-Type"] == "image/png"


def test_a_film_belongs_to_a_video(course: Course, teacher: APIClient, settings: Any) -> None:
    answer = send(teacher, contents_of(course)[0], file=upload(MP4))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "content_is_not_a_video")
    assert files(settings) == 0


def test_an_upload_counts_as_an_edit_and_replaces_what_was_there(
    course: Course, teacher: APIClient, settings: Any
) -> None:
    content = contents_of(course)[0]
    path = f"/api/courses/contents/{content.pk}/upload/"
    assert teacher.get(path).json() == {
        "status": "pending", "percent": 0, "error": None, "video_file": None, "document": None, "poster": None,
    }  # fmt: skip
    for data in (PDF, office()):
        assert send(teacher, content, file=upload(data)).status_code == 201
    content.refresh_from_db()
    assert content.version == 3
    assert files(settings) == 1
    assert teacher.get(path).json()["status"] == "ready"


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({}, 400, "required"),
        ({"file": "words"}, 400, "required"),
        ({"file": upload(picture())}, 415, "kind_not_allowed"),
        ({"file": upload(SVG, "a.svg")}, 415, "kind_not_allowed"),
        ({"poster": upload(PDF, "a.png")}, 415, "kind_not_allowed"),
        ({"file": upload(b"")}, 400, "empty"),
    ],
)
def test_an_upload_that_is_none_is_refused(
    course: Course, teacher: APIClient, parts: dict[str, Any], status: int, code: str
) -> None:
    for part in parts.values():
        if hasattr(part, "seek"):
            part.seek(0)
    answer = send(teacher, contents_of(course)[0], **parts)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_json_is_no_upload(course: Course, teacher: APIClient) -> None:
    for path in (f"contents/{contents_of(course)[0].pk}/upload", f"courses/{course.pk}/assets"):
        assert teacher.post(f"/api/courses/{path}/", {"file": "words"}).status_code == 415


def test_an_upload_past_the_limit_is_413(course: Course, teacher: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_DOCUMENT_BYTES = 100
    answer = send(teacher, contents_of(course)[0], file=upload(PDF + b"%" * 100))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_large")
    settings.UPLOAD_MAX_VIDEO_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert send(teacher, contents_of(course)[0], file=upload(PDF + b"%" * 1000)).status_code == 413


# --- files of a course --------------------------------------------------------------------------


def test_a_file_of_a_course_is_kept_once_listed_and_removed(course: Course, teacher: APIClient, settings: Any) -> None:
    path = f"/api/courses/courses/{course.pk}/assets/"
    first = teacher.post(path, {"file": upload(picture("GIF"), "a.gif")}, format="multipart")
    again = teacher.post(path, {"file": upload(picture("GIF"), "a.gif")}, format="multipart")
    assert (first.status_code, again.status_code) == (201, 200)
    body = first.json()
    assert body["reference"] == f"asset:{body['id']}"
    assert (body["name"], body["content_type"]) == ("a.gif", "image/png")
    assert [row["id"] for row in teacher.get(path).json()["results"]] == [body["id"]]
    assert opened(teacher, body["url"]).status_code == 200
    assert teacher.delete(f"{path}{body['id']}/").status_code == 204
    assert teacher.delete(f"{path}{body['id']}/").status_code == 404
    assert (Asset.objects.count(), files(settings)) == (0, 0)


def test_a_file_is_reached_through_its_own_course_alone(course: Course, teacher: APIClient, asha: CustomUser) -> None:
    other = make_course(asha, title="Other")
    body = teacher.post(
        f"/api/courses/courses/{other.pk}/assets/", {"file": upload(picture())}, format="multipart"
    ).json()
    assert teacher.delete(f"/api/courses/courses/{course.pk}/assets/{body['id']}/").status_code == 404
    assert teacher.get(f"/api/courses/courses/{course.pk}/assets/").json()["results"] == []


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.png", "a.txt"])
def test_no_drawing_or_page_comes_into_a_course(course: Course, teacher: APIClient, name: str) -> None:
    for data in (SVG, HTML):
        answer = teacher.post(
            f"/api/courses/courses/{course.pk}/assets/", {"file": upload(data, name)}, format="multipart"
        )
        assert answer.status_code == 415


def test_files_of_a_course_cost_the_same_for_one_and_for_three(
    course: Course, teacher: APIClient, django_assert_num_queries: Any
) -> None:
    path = f"/api/courses/courses/{course.pk}/assets/"
    for size in (10, 11, 12):
        teacher.post(path, {"file": upload(picture(size=(size, 10)))}, format="multipart")
        with django_assert_num_queries(4):
            assert len(teacher.get(path).json()["results"]) == size - 9
