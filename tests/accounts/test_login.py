"""Signing in: who gets in, what strangers can learn by trying, and what it costs."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session, UserSettings
from accounts.signin.hashers import BoundedArgon2PasswordHasher
from tests.accounts.conftest import HashingMeter
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/api/accounts/login/"


def login(email: str = "bilal@demo.school", password: str = PASSWORD, **values: Any) -> Any:
    return APIClient().post(URL, {"email": email, "password": password} | values)


def test_login_answers_tokens_and_the_whole_user_info(bilal: CustomUser) -> None:
    answer = login(device_name="Bilal's phone")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "user_info"}
    assert body["user_info"] == {
        "id": bilal.pk,
        "email": "bilal@demo.school",
        "username": "bilal",
        "full_name": "Bilal",
        "role": "student",
        "mobile_number": "",
        "profile_image": None,
        "grade_level": "",
        "native_language": "",
        "target_languages": [],
        "learning_preferences": {},
        "timezone": "UTC",
        "email_verified": False,
        "subscription_tier": "free",
        "streak_count": 0,
        "total_points": 0,
        "daily_goal": 1,
        "date_joined": bilal.date_joined.isoformat().replace("+00:00", "Z"),
    }
    session = Session.objects.get(user=bilal)
    assert (session.device_name, session.ip_address) == ("Bilal's phone", "127.0.0.1")


def test_the_access_token_signs_in(bilal: CustomUser) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {login().json()['access_token']}"})
    assert client.get("/api/accounts/me/").json()["id"] == bilal.pk


def test_the_address_may_be_written_in_any_case_and_width(bilal: CustomUser) -> None:
    assert login(" BILAL@Demo.School ").status_code == 200


def test_a_device_without_a_name_is_called_by_its_user_agent(bilal: CustomUser) -> None:
    client = APIClient(headers={"User-Agent": "Dart/3.4 (dart:io)\x00 " + "x" * 500})
    assert client.post(URL, {"email": bilal.email, "password": PASSWORD}).status_code == 200
    session = Session.objects.get(user=bilal)
    assert session.device_name.startswith("Dart/3.4 (dart:io) xxx")
    assert len(session.device_name) == 60
    assert len(session.user_agent) == 200


def test_a_stale_token_in_the_header_does_not_stand_in_the_way(bilal: CustomUser) -> None:
    client = APIClient(headers={"Authorization": "Bearer nonsense"})
    assert client.post(URL, {"email": bilal.email, "password": PASSWORD}).status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_and_cost_the_same(
    bilal: CustomUser, hashing: HashingMeter
) -> None:
    seen = []
    for email, password in (("bilal@demo.school", "wrong"), ("nobody@demo.school", PASSWORD)):
        hashing.count = 0
        with CaptureQueriesContext(
            connection,
        ) as statements:
            answer = login(email, password)
        shapes = [" ".join(statement["sql"].split())[:60] for statement in statements]
        seen.append((answer.status_code, answer.content, answer.headers["WWW-Authenticate"], shapes, hashing.count))
    assert seen[0] == seen[1]
    assert seen[0][0] == 401
    assert b'"invalid_credentials"' in seen[0][1]
    assert seen[0][4] == 1


def test_a_user_without_a_password_costs_the_same_too(bilal: CustomUser, hashing: HashingMeter) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(password="!unusable")
    assert login().status_code == 401
    assert hashing.count == 1


def test_that_an_account_is_disabled_is_told_only_to_who_knows_its_password(bilal: CustomUser) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    refused = login()
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "account_disabled")
    assert login(password="wrong").json()["errors"][0]["code"] == "invalid_credentials"
    assert not Session.objects.exists()


def test_the_demo_password_opens_nothing_in_production(bilal: CustomUser, settings: Any) -> None:
    bilal.password = make_password(settings.DEMO_PASSWORD)
    bilal.save(update_fields=["password"])
    assert login(password=settings.DEMO_PASSWORD).status_code == 200
    settings.PRODUCTION = True
    refused = login(password=settings.DEMO_PASSWORD)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "invalid_credentials")


def test_a_hash_made_at_another_cost_is_made_again(bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(BoundedArgon2PasswordHasher, "memory_cost", 1024)
        CustomUser.objects.filter(pk=bilal.pk).update(password=make_password(PASSWORD))
    assert login().status_code == 200
    bilal.refresh_from_db()
    assert "m=19456,t=2,p=1" in bilal.password
    assert login().status_code == 200


def test_a_login_that_overlaps_a_change_of_the_password_is_refused(
    bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password is found right, and is changed before the session is written."""
    real = BoundedArgon2PasswordHasher.verify

    def verify(self: Any, password: str, encoded: str) -> bool:
        right = real(self, password, encoded)
        CustomUser.objects.filter(pk=bilal.pk).update(password="changed meanwhile")
        return right

    monkeypatch.setattr(BoundedArgon2PasswordHasher, "verify", verify)
    assert login().status_code == 401
    assert not Session.objects.exists()


def test_login_takes_at_most_eight_statements(bilal: CustomUser, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        assert login().status_code == 200


def test_somebody_made_in_the_shell_has_no_settings_and_gets_in(db: None) -> None:
    CustomUser.objects.create_user("admin@demo.school", PASSWORD)
    assert not UserSettings.objects.exists()
    assert login("admin@demo.school").json()["user_info"]["daily_goal"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "bilal@demo.school"},
        {"email": "bilal@demo.school", "password": None},
        {"email": ["bilal@demo.school"], "password": "x"},
        {"email": "bilal@demo.school", "password": {"a": 1}},
        {"email": "bilal@demo.school", "password": "x" * 257},
        {"email": "no address", "password": "x"},
        {"email": "a" * 250 + "@demo.school", "password": "x"},
        [],
        "text",
    ],
)
def test_bad_input_is_a_400(body: Any, db: None) -> None:
    assert APIClient().post(URL, body).status_code == 400
