"""Oneself, one's settings, and what others see of a person."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from rest_framework.test import APIClient

from accounts.api import set_subscription_tier
from accounts.events import ProfileChanged
from accounts.models import CustomUser, UserSettings
from e_learning.core.events import listens_to
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
ME = "/api/accounts/me/"
SETTINGS = "/api/accounts/me/settings/"
told: list[ProfileChanged] = []
listens_to(ProfileChanged)(told.append)


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    told.clear()


@pytest.fixture
def client(bilal: CustomUser, client_for: ClientFor) -> APIClient:
    return client_for(bilal)


def user_url(user: CustomUser) -> str:
    return f"/api/accounts/users/{user.pk}/"


def test_the_tier_is_written_by_who_sells_it_and_ends_no_session(bilal: CustomUser, client: APIClient) -> None:
    assert [set_subscription_tier(user_id=bilal.pk, tier="pro") for _time in range(2)] == [True, False]
    assert client.get("/api/accounts/me/").json()["subscription_tier"] == "pro"


def test_the_profile_is_changed_by_its_owner(client: APIClient) -> None:
    changes = {
        "username": "bilal.k",
        "full_name": "Bilal K",
        "mobile_number": "+91 98765 43210",
        "grade_level": "8",
        "native_language": "hi",
        "target_languages": ["en", "ins"],
        "learning_preferences": {"pace": "slow", "topics": ["signs"]},
        "timezone": "Asia/Kolkata",
        "daily_goal": 3,
    }
    answer = client.patch(ME, changes)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in changes} == changes
    assert client.get(ME).json() == answer.json()


def test_what_is_not_ones_own_to_say_changes_nothing(client: APIClient) -> None:
    before = client.get(ME).json()
    powers = {
        "id": 1,
        "email": "else@demo.school",
        "role": "admin",
        "email_verified": True,
        "subscription_tier": "premium",
        "streak_count": 99,
        "total_points": 99,
        "date_joined": "2001-01-01T00:00:00Z",
        "profile_image": "http://elsewhere/x.png",
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "password": "another-long-word",
    }
    answer = client.patch(ME, powers)
    assert answer.status_code == 200
    assert client.get(ME).json() == before
    user = CustomUser.objects.get(username="bilal")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_a_username_in_use_is_refused_in_any_case(client: APIClient, chitra: CustomUser) -> None:
    answer = client.patch(ME, {"username": "CHITRA", "full_name": "Someone"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "username_taken")
    assert client.get(ME).json()["full_name"] == "Bilal"


@pytest.mark.parametrize(
    "bad",
    [
        {"username": ""},
        {"username": None},
        {"timezone": "Mars/Olympus"},
        {"daily_goal": 101},
        {"daily_goal": -1},
        {"daily_goal": 10**30},
        {"daily_goal": None},
        {"learning_preferences": None},
        {"learning_preferences": {"n": 2**53 + 2}},
        {"target_languages": None},
        {"full_name": {"a": 1}},
        [],
    ],
)
def test_bad_values_are_a_400(client: APIClient, bad: Any) -> None:
    assert client.patch(ME, bad).status_code == 400


def test_the_event_tells_that_a_shown_name_changed_and_nothing_else(
    client: APIClient, bilal: CustomUser, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.patch(ME, {"timezone": "Asia/Kolkata", "full_name": "Bilal", "daily_goal": 2})
    assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        client.patch(ME, {"full_name": "Bilal K"})
    assert told == [ProfileChanged(user_id=bilal.pk)]


def test_a_portrait_is_shown_by_its_address(client: APIClient, bilal: CustomUser, settings: Any) -> None:
    bilal.profile_image.save("bilal.png", ContentFile(b"not looked at"))
    address = client.get(ME).json()["profile_image"]
    assert address.startswith(f"{settings.PUBLIC_URL}/media/public/portraits/bilal")


def test_settings_have_defaults_and_are_changed(client: APIClient) -> None:
    assert client.get(SETTINGS).json() == {
        "theme": "system",
        "locale": "en",
        "notifications_enabled": True,
        "email_notifications": True,
        "push_notifications": True,
        "email_digest": "daily",
        "daily_goal": 1,
        "learning_preferences": {},
    }
    changes = {"theme": "dark", "locale": "hi", "email_digest": "off", "daily_goal": 5, "push_notifications": False}
    answer = client.patch(SETTINGS, changes)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in changes} == changes
    assert client.get(SETTINGS).json() == answer.json()


def test_goal_and_preferences_are_one_value_in_both_places(client: APIClient) -> None:
    client.patch(SETTINGS, {"daily_goal": 7, "learning_preferences": {"pace": "slow"}})
    me = client.get(ME).json()
    assert (me["daily_goal"], me["learning_preferences"]) == (7, {"pace": "slow"})
    client.patch(ME, {"daily_goal": 8, "learning_preferences": {"pace": "fast"}})
    kept = client.get(SETTINGS).json()
    assert (kept["daily_goal"], kept["learning_preferences"]) == (8, {"pace": "fast"})


def test_who_was_made_without_settings_reads_and_writes_them(client: APIClient) -> None:
    UserSettings.objects.all().delete()
    assert client.get(SETTINGS).json()["daily_goal"] == 1
    assert client.get(ME).json()["daily_goal"] == 1
    assert not UserSettings.objects.exists()
    assert client.patch(SETTINGS, {"theme": "light"}).json()["theme"] == "light"
    assert client.get(SETTINGS).json()["theme"] == "light"


@pytest.mark.parametrize(
    "bad",
    [
        {"theme": "pink"},
        {"email_digest": None},
        {"locale": "not a language"},
        {"locale": "hi-"},
        {"notifications_enabled": "perhaps"},
        {"daily_goal": 101},
        {"learning_preferences": [1]},
    ],
)
def test_bad_settings_are_a_400(client: APIClient, bad: Any) -> None:
    assert client.patch(SETTINGS, bad).status_code == 400


def test_ones_own_page_is_whole(client: APIClient, bilal: CustomUser) -> None:
    assert client.get(user_url(bilal)).json() == client.get(ME).json()


def test_a_stranger_sees_what_everybody_sees(bilal: CustomUser, chitra: CustomUser, client_for: ClientFor) -> None:
    assert client_for(chitra).get(user_url(bilal)).json() == {
        "id": bilal.pk,
        "username": "bilal",
        "full_name": "Bilal",
        "profile_image": None,
        "role": "student",
    }


def test_an_admin_sees_the_whole_an_instructor_does_not(
    bilal: CustomUser, admin: CustomUser, asha: CustomUser, client_for: ClientFor
) -> None:
    assert client_for(admin).get(user_url(bilal)).json()["email"] == "bilal@demo.school"
    assert "email" not in client_for(asha).get(user_url(bilal)).json()


def test_who_is_deactivated_is_seen_by_admins_alone(
    bilal: CustomUser, chitra: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    assert client_for(chitra).get(user_url(bilal)).status_code == 404
    assert client_for(admin).get(user_url(bilal)).status_code == 200


@pytest.mark.parametrize("number", [0, 10**9, 2**63 - 1, 2**63, 10**50])
def test_nobody_there_is_a_404(client: APIClient, number: int) -> None:
    assert client.get(f"/api/accounts/users/{number}/").status_code == 404


def test_a_person_takes_two_statements(client: APIClient, chitra: CustomUser, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert client.get(user_url(chitra)).status_code == 200
