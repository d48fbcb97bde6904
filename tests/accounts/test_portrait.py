"""A person's portrait."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import CustomUser
from tests.conftest import ClientFor
from tests.factories.courses import make_course
from tests.factories.uploads import SVG, picture, upload

pytestmark = pytest.mark.django_db(transaction=True)
ME = "/api/accounts/me/"


def files(settings: Any) -> int:
    return sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def test_a_portrait_is_kept_small_and_shown_to_anyone(
    bilal: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    answer = client_for(bilal).patch(
        ME, {"full_name": "Bilal B", "profile_image": upload(picture("JPEG", (2000, 1000)))}, format="multipart"
    )
    assert answer.status_code == 200
    assert answer.json()["full_name"] == "Bilal B"
    shown = anonymous.get(urlsplit(answer.json()["profile_image"]).path)
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (512, 256)  # type: ignore[attr-defined]


def test_a_portrait_is_replaced_and_taken_away(bilal: CustomUser, client_for: ClientFor, settings: Any) -> None:
    client = client_for(bilal)
    for kind in ("PNG", "WEBP"):
        assert client.patch(ME, {"profile_image": upload(picture(kind))}, format="multipart").status_code == 200
        assert files(settings) == 1
    shown = client.get(ME).json()
    assert client.patch(ME, shown).json()["profile_image"] == shown["profile_image"]
    assert client.patch(ME, {"profile_image": None}).json()["profile_image"] is None
    assert files(settings) == 0


def test_a_teachers_portrait_is_shown_with_their_courses(
    asha: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    course = make_course(asha)
    path = f"/api/courses/courses/{course.pk}/"
    assert anonymous.get(path).json()["instructor"]["profile_image"] is None
    kept = client_for(asha).patch(ME, {"profile_image": upload(picture())}, format="multipart").json()["profile_image"]
    assert anonymous.get(path).json()["instructor"]["profile_image"] == kept


def test_a_refused_profile_leaves_no_file_behind(
    bilal: CustomUser, asha: CustomUser, client_for: ClientFor, settings: Any
) -> None:
    taken = {"username": asha.username, "profile_image": upload(picture())}
    answer = client_for(bilal).patch(ME, taken, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "username_taken")
    assert client_for(bilal).patch(ME, {"profile_image": upload(SVG)}, format="multipart").status_code == 415
    assert files(settings) == 0


@pytest.mark.parametrize("value", ["a\0b", "x" * 9000])
def test_preferences_in_a_form_are_held_to_the_same_rules(bilal: CustomUser, client_for: ClientFor, value: str) -> None:
    answer = client_for(bilal).patch(ME, {"learning_preferences.pace": value}, format="multipart")
    assert answer.status_code == 400
