"""What is sent by the pages of the back office is judged as what comes by the API."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin as back_office
from django.test import Client, RequestFactory

from accounts.models import CustomUser
from courses.catalogue.admin import ContentAdmin
from courses.models import Content
from tests.factories.courses import contents_of, make_course
from tests.factories.uploads import HTML, MP4, PDF, SVG, picture, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content(asha: CustomUser) -> Content:
    return contents_of(make_course(asha))[0]


def send(admin: CustomUser, content: Content, **parts: Any) -> Any:
    client = Client()
    client.force_login(admin)
    shown = {"title": "Lesson", "text_content": "Words", "order": "1", **parts}
    return client.post(f"/admin/courses/content/{content.pk}/change/", shown)


def files(settings: Any) -> list[str]:
    return sorted(path.suffix for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_document_is_kept_under_our_name_and_called_by_its_own(
    admin: CustomUser, content: Content, settings: Any
) -> None:
    answer = send(admin, content, document=upload(PDF, "Notes.exe"), poster=upload(picture("GIF"), "a.svg"))
    content.refresh_from_db()

    assert answer.status_code == 302
    assert content.document_name == "Notes.exe"
    assert files(settings) == [".pdf", ".png"]


def test_a_document_is_taken_away_with_its_name(admin: CustomUser, content: Content, settings: Any) -> None:
    send(admin, content, document=upload(PDF, "Notes.pdf"))
    send(admin, content, **{"document-clear": "on"})
    content.refresh_from_db()

    assert (content.document.name, content.document_name) == ("", "")
    assert files(settings) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"document": (SVG, "a.pdf")},
        {"document": (HTML, "a.txt")},
        {"document": (MP4, "a.pdf")},
        {"poster": (PDF, "a.png")},
        {"video_file": (PDF, "a.mp4")},
    ],
)
def test_what_the_api_refuses_is_refused_here(
    admin: CustomUser, content: Content, settings: Any, parts: dict[str, tuple[bytes, str]]
) -> None:
    answer = send(admin, content, **{name: upload(*part) for name, part in parts.items()})

    assert answer.status_code == 200
    assert "Files of this kind are not taken here." in answer.content.decode()
    assert files(settings) == []


def test_every_file_of_a_content_is_judged(admin: CustomUser) -> None:
    request = RequestFactory().get("/")
    request.user = admin
    form: Any = ContentAdmin(Content, back_office.site).get_form(request)
    named = {field.name for field in Content._meta.fields if field.get_internal_type() in {"FileField", "ImageField"}}

    assert {type(form.base_fields[name]).__name__ for name in named} == {"JudgedFormField"}
