"""Sessions: what ends one, and that it holds on the very next request, whatever token is still in date."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session
from accounts.signin.selectors import LIVE_CALLER_SQL
from accounts.signin.tasks import forget_ended_sessions
from e_learning.core.api.tokens import issue_access_token, verify_access_token
from tests.conftest import ClientFor
from tests.factories.people import PASSWORD, session_for, token_for

pytestmark = pytest.mark.django_db
SESSIONS = "/api/accounts/sessions/"
ME = "/api/accounts/me/"


def access_token(session: Session) -> str:
    return issue_access_token(user_id=session.user_id, session_id=session.pk)


def client_with(token: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def client_of(session: Session) -> APIClient:
    return client_with(access_token(session))


def hot_row(session: Session) -> Any:
    """What a hot path's own statement finds of the caller."""
    bound: dict[str, Any] = {"session_id": session.pk, "user_id": session.user_id, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(LIVE_CALLER_SQL, bound)
        return cursor.fetchone()


def sign_out(session: Session) -> None:
    assert client_of(session).post("/api/accounts/logout/", {}).status_code == 204


def end_from_another_device(session: Session) -> None:
    client = client_of(session_for(session.user))
    assert client.delete(f"{SESSIONS}{session.pk}/").status_code == 204


def change_password_on_another_device(session: Session) -> None:
    body = {"old_password": PASSWORD, "new_password": "another-long-word"}
    assert client_of(session_for(session.user)).post("/api/accounts/password/change/", body).status_code == 204


def set_password_in_a_page(session: Session) -> None:
    session.user.set_password("another-long-word")
    session.user.save()


def deactivate(session: Session) -> None:
    CustomUser.objects.filter(pk=session.user_id).update(is_active=False)


def expire(session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(expires_at=timezone.now())


@pytest.mark.parametrize(
    "end",
    [sign_out, end_from_another_device, change_password_on_another_device, set_password_in_a_page, deactivate, expire],
)
def test_the_next_request_is_refused_with_a_token_still_in_date(
    bilal: CustomUser, end: Callable[[Session], None]
) -> None:
    session = session_for(bilal)
    token = access_token(session)
    client = client_with(token)
    assert client.get(ME).status_code == 200
    assert hot_row(session) is not None
    end(session)
    refused = client.get(ME)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "token_not_valid")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert hot_row(session) is None
    assert verify_access_token(token).session_id == session.pk  # genuine and in date: only its session is over


def test_a_change_of_role_holds_on_the_next_request(bilal: CustomUser, chitra: CustomUser) -> None:
    session = session_for(bilal)
    client = client_of(session)
    whole = f"/api/accounts/users/{chitra.pk}/"
    assert "email" not in client.get(whole).json()
    assert not hot_row(session)[1]
    CustomUser.objects.filter(pk=bilal.pk).update(role="admin")
    assert client.get(whole).json()["email"] == "chitra@demo.school"
    assert hot_row(session)[1]


def test_a_token_is_good_for_its_own_user_only(bilal: CustomUser, chitra: CustomUser) -> None:
    session = session_for(bilal)
    crossed = issue_access_token(user_id=chitra.pk, session_id=session.pk)
    assert APIClient(headers={"Authorization": f"Bearer {crossed}"}).get(ME).status_code == 401


def test_logout_ends_this_session_alone(bilal: CustomUser) -> None:
    phone, tablet = session_for(bilal), session_for(bilal)
    sign_out(phone)
    assert client_of(tablet).get(ME).status_code == 200
    phone.refresh_from_db()
    assert phone.end_reason == "logout"


def test_the_list_shows_live_sessions_of_ones_own(bilal: CustomUser, chitra: CustomUser) -> None:
    now = timezone.now()
    session_for(chitra)
    session_for(bilal, ended_at=now)
    session_for(bilal, expires_at=now)
    tablet = session_for(bilal, device_name="Tablet", ip_address="10.0.0.7", last_seen_at=now - timedelta(hours=1))
    phone = session_for(bilal)
    body = client_of(phone).get(SESSIONS).json()
    assert body["count"] == 2
    assert [(row["id"], row["is_current"]) for row in body["results"]] == [(phone.pk, True), (tablet.pk, False)]
    assert body["results"][1] == {
        "id": tablet.pk,
        "device_name": "Tablet",
        "ip_address": "10.0.0.7",
        "created_at": tablet.created_at.isoformat().replace("+00:00", "Z"),
        "last_seen_at": tablet.last_seen_at.isoformat().replace("+00:00", "Z"),
        "is_current": False,
    }


@pytest.mark.parametrize("others", [0, 2])
def test_the_list_costs_the_same_for_one_and_three(
    bilal: CustomUser, others: int, django_assert_num_queries: Any
) -> None:
    for _ in range(others):
        session_for(bilal)
    client = client_of(session_for(bilal))
    with django_assert_num_queries(3):
        assert client.get(SESSIONS).json()["count"] == others + 1


def test_ending_ones_own_current_session_is_a_logout(bilal: CustomUser) -> None:
    session = session_for(bilal)
    client = client_of(session)
    assert client.delete(f"{SESSIONS}{session.pk}/").status_code == 204
    assert client.get(ME).status_code == 401


def test_a_stranger_can_neither_see_nor_end_a_session(
    bilal: CustomUser, chitra: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    session = session_for(bilal)
    for stranger in (chitra, admin):
        assert client_for(stranger).delete(f"{SESSIONS}{session.pk}/").status_code == 404
        assert session.pk not in [row["id"] for row in client_for(stranger).get(SESSIONS).json()["results"]]
    assert client_of(session).get(ME).status_code == 200


def test_a_session_that_is_over_or_never_was_is_not_there(bilal: CustomUser, client_for: ClientFor) -> None:
    over = session_for(bilal, ended_at=timezone.now())
    for number in (over.pk, 10**9, 2**63, 10**40):
        assert client_for(bilal).delete(f"{SESSIONS}{number}/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/accounts/logout/"),
        ("get", SESSIONS),
        ("delete", f"{SESSIONS}1/"),
        ("get", ME),
        ("patch", ME),
        ("get", "/api/accounts/me/settings/"),
        ("patch", "/api/accounts/me/settings/"),
        ("post", "/api/accounts/password/change/"),
        ("post", "/api/accounts/email/resend/"),
        ("get", "/api/accounts/users/1/"),
    ],
)
def test_without_a_token_everything_private_is_a_401(anonymous: APIClient, method: str, path: str) -> None:
    refused = getattr(anonymous, method)(path)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer nonsense", f"Bearer {'x' * 5000}"])
def test_a_malformed_header_is_a_401(db: None, header: str) -> None:
    assert APIClient(headers={"Authorization": header}).get(ME).status_code == 401


def test_the_task_forgets_what_was_over_a_month_ago(bilal: CustomUser) -> None:
    now = timezone.now()
    live = session_for(bilal)
    just_over = session_for(bilal, ended_at=now - timedelta(days=29))
    session_for(bilal, ended_at=now - timedelta(days=31))
    session_for(bilal, expires_at=now - timedelta(days=31))
    assert forget_ended_sessions() == 2
    assert set(Session.objects.values_list("pk", flat=True)) == {live.pk, just_over.pk}


def test_a_signed_in_read_takes_two_statements(bilal: CustomUser, django_assert_max_num_queries: Any) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {token_for(bilal)}"})
    with django_assert_max_num_queries(2):
        assert client.get(ME).status_code == 200
