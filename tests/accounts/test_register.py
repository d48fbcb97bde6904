"""New accounts: what may be chosen, what is refused, and two at once."""

import re
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session, UserSettings
from e_learning.core.models import OutgoingMail
from tests.accounts.at_once import at_once

URL = "/api/accounts/register/"
PASSWORD = "a-good-long-word"


def register(email: str = "new@demo.school", password: str = PASSWORD, **values: Any) -> Any:
    return APIClient().post(URL, {"email": email, "password": password} | values)


def codes(answer: Any) -> list[tuple[str, str | None]]:
    return [(entry["code"], entry["attr"]) for entry in answer.json()["errors"]]


@pytest.mark.django_db
def test_registering_signs_in() -> None:
    answer = register(full_name="Bilal", role="parent", timezone="Asia/Kolkata", target_languages=["en", "hi"])
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "user_info"}
    info = body["user_info"]
    assert (info["role"], info["timezone"], info["target_languages"]) == ("parent", "Asia/Kolkata", ["en", "hi"])
    assert (info["email_verified"], info["daily_goal"]) == (False, 1)
    client = APIClient(headers={"Authorization": f"Bearer {body['access_token']}"})
    assert client.get("/api/accounts/me/").json() == info
    assert UserSettings.objects.filter(user_id=info["id"]).exists()


@pytest.mark.django_db
def test_the_password_is_kept_as_argon2id_at_owasps_minimum() -> None:
    register()
    assert CustomUser.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.django_db
def test_a_username_is_made_where_none_is_given() -> None:
    register(email="bilal.k+x@demo.school", username="")
    assert re.fullmatch(r"bilal\.kx-[0-9a-f]{8}", CustomUser.objects.get().username)


@pytest.mark.django_db(transaction=True)
def test_a_verification_mail_goes_out_after_the_answer_is_settled() -> None:
    register()
    assert OutgoingMail.objects.get().state == "sent"
    assert [message.to for message in mail.outbox] == [["new@demo.school"]]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["instructor", "admin", "staff", "", None, 1])
def test_nobody_makes_themselves_more_than_student_or_parent(role: Any) -> None:
    answer = register(role=role)
    assert answer.status_code == 400
    assert codes(answer)[0][1] == "role"
    assert not CustomUser.objects.exists()


@pytest.mark.django_db
def test_powers_in_the_body_change_nothing() -> None:
    register(is_staff=True, is_superuser=True, email_verified=True, total_points=9, subscription_tier="premium", id=7)
    user = CustomUser.objects.get()
    powers = (user.is_staff, user.is_superuser, user.email_verified, user.total_points, user.subscription_tier)
    assert powers == (False, False, False, 0, "free")


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["bilal@demo.school", "BILAL@demo.school", " bilal@DEMO.school "])
def test_an_address_in_use_is_told(bilal: CustomUser, email: str) -> None:
    answer = register(email)
    assert (answer.status_code, codes(answer)) == (400, [("email_taken", "email")])
    assert not Session.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["bilal", "BiLaL"])
def test_a_username_in_use_is_told(bilal: CustomUser, username: str) -> None:
    answer = register("email@demo.school", username=username)
    assert (answer.status_code, codes(answer)) == (400, [("username_taken", "username")])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("short1x", {"password_too_short"}),
        ("password", {"password_too_common"}),
        ("92837465", {"password_entirely_numeric"}),
        ("somebody@demo.school", {"password_too_similar"}),
        ("1234567", {"password_too_short", "password_too_common", "password_entirely_numeric"}),
    ],
)
def test_a_weak_password_is_refused_with_every_reason(password: str, expected: set[str]) -> None:
    answer = register("somebody@demo.school", password)
    assert answer.status_code == 400
    assert {code for code, _attr in codes(answer)} == expected
    assert {attr for _code, attr in codes(answer)} == {"password"}


@pytest.mark.django_db
def test_a_password_is_not_compared_with_the_username_that_the_platform_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.users.models.secrets.token_hex", lambda size: "92837465")
    assert register("somebody@demo.school", "92837465x").status_code == 201


@pytest.mark.django_db
def test_the_demo_password_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    assert codes(register(password=settings.DEMO_PASSWORD)) == [("password_shipped", "password")]


@pytest.mark.django_db
def test_sign_ups_from_one_address_are_limited_taken_ones_too(bilal: CustomUser, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "register": "2/3600"}
    assert register("bilal@demo.school").status_code == 400
    assert register("one@demo.school").status_code == 201
    refused = register("two@demo.school")
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


@pytest.mark.django_db
def test_an_idempotency_key_is_ignored_without_a_user() -> None:
    client = APIClient(headers={"Idempotency-Key": "k" * 100})
    assert client.post(URL, {"email": "new@demo.school", "password": PASSWORD}).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "America"),
        ("timezone", ""),
        ("username", "with space"),
        ("username", "x" * 41),
        ("mobile_number", "call me"),
        ("target_languages", "en"),
        ("target_languages", ["x" * 21]),
        ("target_languages", ["en"] * 21),
        ("target_languages", [{}]),
        ("learning_preferences", []),
        ("learning_preferences", {"text": "x" * 5000}),
        ("learning_preferences", {"é" * 2100: 1}),
        ("learning_preferences", {"list": list(range(300))}),
        ("learning_preferences", {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}),
        ("learning_preferences", {"big": 10**30}),
        ("learning_preferences", {"big": 1e300}),
        ("email", "ﬁ@" + "d" * 250 + ".school"),
        ("full_name", "x" * 151),
        ("device_name", "x" * 121),
    ],
)
def test_values_that_cannot_be_kept_are_refused(field: str, value: Any) -> None:
    answer = register(**{field: value})
    assert answer.status_code == 400
    assert codes(answer)[0][1].split(".")[0] == field  # type: ignore[union-attr]  # a field is named
    assert not CustomUser.objects.exists()


@pytest.mark.django_db
def test_preferences_come_back_as_they_were_sent() -> None:
    sent = {"pace": 1.5, "big": 2**53, "tags": ["a", "b", {"c": None}], "on": True, "à": "ß"}
    assert register(learning_preferences=sent).json()["user_info"]["learning_preferences"] == sent


@pytest.mark.django_db(transaction=True)
def test_of_eight_sign_ups_with_one_address_at_once_one_succeeds() -> None:
    answers = at_once(8, register)
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    assert [codes(answer) for answer in answers if answer.status_code == 400] == [[("email_taken", "email")]] * 7
    assert CustomUser.objects.count() == UserSettings.objects.count() == OutgoingMail.objects.count() == 1
