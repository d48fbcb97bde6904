"""Refresh tokens: rotation, the lost answer, theft, and 32 callers at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.state import token_backend

from accounts.models import CustomUser, Session
from accounts.signin.models import SessionRows
from accounts.signin.refresh_tokens import write_refresh_token
from e_learning.core.api.tokens import issue_access_token
from tests.accounts.at_once import at_once
from tests.factories.people import session_for

URL = "/api/accounts/refresh/"


def token_of(session: Session) -> str:
    return write_refresh_token(
        session_id=session.pk,
        generation=session.generation,
        rotated_at=session.rotated_at,
        expires_at=session.expires_at,
    )


def refresh(token: Any) -> Any:
    return APIClient().post(URL, {"refresh_token": token})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def me(access_token: str) -> int:
    return APIClient(headers={"Authorization": f"Bearer {access_token}"}).get("/api/accounts/me/").status_code


@pytest.fixture
def session(bilal: CustomUser) -> Session:
    return session_for(bilal)


@pytest.mark.django_db
def test_a_refresh_gives_a_new_pair(session: Session) -> None:
    answer = refresh(token_of(session))
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token"}
    assert answer.json()["refresh_token"] != token_of(session)
    assert me(answer.json()["access_token"]) == 200
    session.refresh_from_db()
    assert session.generation == 1
    assert refresh(answer.json()["refresh_token"]).status_code == 200


@pytest.mark.django_db
def test_a_refresh_never_extends_the_session(session: Session) -> None:
    ends_at = session.expires_at
    token = token_of(session)
    for _ in range(3):
        token = refresh(token).json()["refresh_token"]
        assert token_backend.decode(token)["exp"] == int(ends_at.timestamp())
    session.refresh_from_db()
    assert session.expires_at == ends_at


@pytest.mark.django_db
def test_a_client_whose_answer_was_lost_gets_the_same_successor(session: Session) -> None:
    first = refresh(token_of(session)).json()
    again = refresh(token_of(session))
    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    assert refresh(first["refresh_token"]).status_code == 200


@pytest.mark.django_db
def test_after_the_grace_a_replaced_token_ends_the_session(session: Session, settings: Any) -> None:
    first = refresh(token_of(session)).json()
    late = timezone.now() - timedelta(seconds=settings.REFRESH_GRACE_SECONDS + 1)
    Session.objects.update(rotated_at=late)
    assert code(refresh(token_of(session))) == (401, "token_reused")
    session.refresh_from_db()
    assert (session.end_reason, session.ended_at is not None) == ("reuse", True)
    assert code(refresh(first["refresh_token"])) == (401, "token_not_valid")
    assert me(first["access_token"]) == 401


@pytest.mark.django_db
def test_a_token_replaced_twice_ends_the_session_within_the_grace_too(session: Session) -> None:
    newest = refresh(refresh(token_of(session)).json()["refresh_token"]).json()
    assert code(refresh(token_of(session))) == (401, "token_reused")
    assert code(refresh(newest["refresh_token"])) == (401, "token_not_valid")


@pytest.mark.django_db
def test_reuse_ends_that_session_alone(session: Session, bilal: CustomUser) -> None:
    tablet = session_for(bilal)
    refresh(refresh(token_of(session)).json()["refresh_token"])
    refresh(token_of(session))
    assert refresh(token_of(tablet)).status_code == 200


@pytest.mark.django_db
def test_no_grace_for_an_ended_session(session: Session) -> None:
    refresh(token_of(session))
    Session.objects.update(ended_at=timezone.now(), end_reason="logout")
    assert code(refresh(token_of(session))) == (401, "token_not_valid")
    session.refresh_from_db()
    assert session.end_reason == "logout"


@pytest.mark.django_db
def test_sessions_that_are_over_refuse(bilal: CustomUser) -> None:
    now = timezone.now()
    expired = session_for(bilal, expires_at=now - timedelta(seconds=1))
    ended = session_for(bilal, ended_at=now)
    gone = session_for(bilal)
    token_of_gone = token_of(gone)
    gone.delete()
    for token in (token_of(expired), token_of(ended), token_of_gone):
        assert code(refresh(token)) == (401, "token_not_valid")


@pytest.mark.django_db
def test_a_row_that_expired_before_its_token_says_so_refuses(session: Session) -> None:
    token = token_of(session)
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code(refresh(token)) == (401, "token_not_valid")


@pytest.mark.django_db
def test_a_deactivated_user_cannot_refresh_and_keeps_the_session(session: Session) -> None:
    CustomUser.objects.update(is_active=False)
    assert code(refresh(token_of(session))) == (401, "token_not_valid")
    CustomUser.objects.update(is_active=True)
    assert refresh(token_of(session)).status_code == 200


@pytest.mark.django_db
def test_access_tokens_and_refresh_tokens_do_not_pass_for_each_other(session: Session) -> None:
    access = issue_access_token(user_id=session.user_id, session_id=session.pk)
    assert code(refresh(access)) == (401, "token_not_valid")
    assert me(token_of(session)) == 401


@pytest.mark.django_db
def test_forged_and_broken_tokens_are_refused(session: Session) -> None:
    good = token_of(session)
    header, payload, signature = good.split(".")
    for bad in ("nonsense", "a.b.c", f"{header}.{payload}.", f"{header}.{payload}.{signature[::-1]}", "é.ü.ß"):
        assert code(refresh(bad)) == (401, "token_not_valid")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    assert code(refresh(f"{unsigned}.{payload}.")) == (401, "token_not_valid")
    for claims in ({"token_type": "refresh"}, {"token_type": "refresh", "sid": "x", "gen": 0}, {"sid": 1, "gen": 0}):
        assert code(refresh(token_backend.encode(claims))) == (401, "token_not_valid")
    malformed: list[Any] = [None, "", [], {}, "x" * 2000]
    assert [refresh(token).status_code for token in malformed] == [400] * len(malformed)


@pytest.mark.django_db
def test_a_stale_access_token_beside_it_does_not_stand_in_the_way(session: Session) -> None:
    client = APIClient(headers={"Authorization": "Bearer stale"})
    assert client.post(URL, {"refresh_token": token_of(session)}).status_code == 200


@pytest.mark.django_db
def test_a_refresh_takes_two_statements(session: Session, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert refresh(token_of(session)).status_code == 200


def all_refresh(session: Session) -> tuple[set[int], set[str], int]:
    """Return the statuses, the distinct successors and the row's generation after 32 refreshes of one token at once."""
    token = token_of(session)
    answers = at_once(32, lambda: refresh(token))
    session.refresh_from_db()
    successors = {answer.json().get("refresh_token", "none") for answer in answers}
    return {answer.status_code for answer in answers}, successors, session.generation


@pytest.mark.django_db(transaction=True)
def test_32_at_once_get_one_successor_and_it_is_good(session: Session) -> None:
    statuses, successors, generation = all_refresh(session)
    assert statuses == {200}
    assert generation == 1
    assert len(successors) == 1
    assert refresh(successors.pop()).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_on_the_generation_the_successor_is_dead(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same race with the guard removed: everyone rotates, and what everyone was given has been replaced since."""

    def unguarded(self: SessionRows, *, session_id: int, generation: int, now: Any) -> bool:
        rotating = self.filter(pk=session_id, ended_at__isnull=True, expires_at__gt=now)
        return bool(rotating.update(generation=F("generation") + 1, rotated_at=now, last_seen_at=now))

    monkeypatch.setattr(SessionRows, "rotate", unguarded)
    _statuses, _successors, generation = all_refresh(session)
    assert generation == 32
