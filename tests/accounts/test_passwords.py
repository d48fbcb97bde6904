"""Changing a password, and setting a new one by mail: what ends, what is told, what can be used twice."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session
from accounts.signin import services
from accounts.signin.mailed_tokens import write_reset_token, write_verification_token
from e_learning.core.mail import send_queued_mail
from e_learning.core.models import OutgoingMail
from tests.accounts.at_once import at_once
from tests.accounts.conftest import HashingMeter
from tests.conftest import ClientFor
from tests.factories.people import PASSWORD, session_for, token_for

CHANGE = "/api/accounts/password/change/"
RESET = "/api/accounts/password/reset/"
CONFIRM = "/api/accounts/password/reset/confirm/"
NEW = "another-long-word"


def codes(answer: Any) -> list[tuple[str, str | None]]:
    return [(entry["code"], entry["attr"]) for entry in answer.json()["errors"]]


def can_sign_in(email: str, password: str) -> bool:
    answer = APIClient(REMOTE_ADDR="10.1.1.1").post("/api/accounts/login/", {"email": email, "password": password})
    return bool(answer.status_code == 200)


def ask(email: str) -> Any:
    return APIClient().post(RESET, {"email": email})


def confirm(token: Any, new_password: str = NEW) -> Any:
    return APIClient().post(CONFIRM, {"token": token, "new_password": new_password})


@pytest.mark.django_db
def test_a_change_ends_every_other_session_and_keeps_this_one(
    bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    others = [session_for(bilal), session_for(bilal)]
    stranger = session_for(chitra)
    client = client_for(bilal)
    assert client.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert client.get("/api/accounts/me/").status_code == 200
    reasons = [Session.objects.get(pk=session.pk).end_reason for session in (*others, stranger)]
    assert reasons == ["password", "password", ""]
    assert can_sign_in(bilal.email, NEW)
    assert not can_sign_in(bilal.email, PASSWORD)


@pytest.mark.django_db
def test_a_change_needs_the_old_password_and_a_good_new_one(bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    wrong = client.post(CHANGE, {"old_password": "wrong", "new_password": NEW})
    assert (wrong.status_code, codes(wrong)) == (400, [("invalid_password", "old_password")])
    weak = client.post(CHANGE, {"old_password": PASSWORD, "new_password": "bilal@demo.school"})
    assert (weak.status_code, codes(weak)) == (400, [("password_too_similar", "new_password")])
    assert client.post(CHANGE, {}).status_code == 400
    assert can_sign_in(bilal.email, PASSWORD)


@pytest.mark.django_db
def test_a_stolen_access_token_is_no_way_to_try_passwords(bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    tries = [client.post(CHANGE, {"old_password": f"wrong{n}", "new_password": NEW}).status_code for n in range(6)]
    assert tries == [400] * 5 + [429]


@pytest.mark.django_db
def test_known_and_unknown_addresses_are_answered_alike_at_the_same_cost(
    bilal: CustomUser, chitra: CustomUser, hashing: HashingMeter
) -> None:
    CustomUser.objects.filter(pk=chitra.pk).update(is_active=False)
    seen = []
    for email in ("bilal@demo.school", "nobody@demo.school", "chitra@demo.school"):
        with CaptureQueriesContext(connection) as statements:
            answer = ask(email)
        shapes = [" ".join(statement["sql"].split())[:80] for statement in statements]
        seen.append((answer.status_code, answer.content, shapes))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][:2] == (202, b"{}")
    assert hashing.count == 0
    assert not any("customuser" in shape for shape in seen[0][2])


@pytest.mark.django_db
def test_the_mail_goes_only_to_who_has_an_active_account(bilal: CustomUser, chitra: CustomUser) -> None:
    CustomUser.objects.filter(pk=chitra.pk).update(is_active=False)
    for email in (" BILAL@demo.school", "nobody@demo.school", "chitra@demo.school"):
        ask(email)
    states = [send_queued_mail(row.pk) for row in OutgoingMail.objects.order_by("pk")]
    assert states == ["sent", "dropped", "dropped"]
    assert [message.to for message in mail.outbox] == [["bilal@demo.school"]]


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_from_asking_to_signing_in(bilal: CustomUser, settings: Any) -> None:
    sessions = [session_for(bilal), session_for(bilal)]
    assert ask(bilal.email).status_code == 202
    body = str(mail.outbox[0].body)
    found = re.search(rf"{re.escape(settings.PUBLIC_URL)}/account/reset-password/\?token=(\S+)", body)
    assert found is not None
    token = found[1]
    assert f"\n{token}\n" in body
    assert "Hello Bilal" in body
    assert confirm(token).status_code == 204
    assert can_sign_in(bilal.email, NEW)
    assert not can_sign_in(bilal.email, PASSWORD)
    assert {Session.objects.get(pk=session.pk).end_reason for session in sessions} == {"password"}
    bilal.refresh_from_db()
    assert bilal.email_verified


@pytest.mark.django_db
def test_a_reset_token_works_once(bilal: CustomUser) -> None:
    token = write_reset_token(bilal)
    assert confirm(token).status_code == 204
    again = confirm(token, "a-third-long-word")
    assert (again.status_code, codes(again)) == (400, [("invalid_token", "token")])
    assert can_sign_in(bilal.email, NEW)


@pytest.mark.django_db
def test_a_weak_password_does_not_use_the_token_up(bilal: CustomUser) -> None:
    token = write_reset_token(bilal)
    assert codes(confirm(token, "1234")) != []
    assert {attr for _code, attr in codes(confirm(token, "1234"))} == {"new_password"}
    assert confirm(token).status_code == 204


@pytest.mark.django_db
def test_a_reset_token_expires(bilal: CustomUser, settings: Any) -> None:
    token = write_reset_token(bilal)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert codes(confirm(token)) == [("invalid_token", "token")]


@pytest.mark.django_db
def test_signing_in_makes_an_older_reset_token_worthless(bilal: CustomUser) -> None:
    token = write_reset_token(bilal)
    assert can_sign_in(bilal.email, PASSWORD)
    assert codes(confirm(token)) == [("invalid_token", "token")]


@pytest.mark.django_db
def test_a_token_names_its_own_user(bilal: CustomUser, chitra: CustomUser) -> None:
    own, strangers = write_reset_token(bilal), write_reset_token(chitra)
    crossed = f"{strangers.partition('-')[0]}-{own.partition('-')[2]}"
    assert codes(confirm(crossed)) == [("invalid_token", "token")]


@pytest.mark.django_db
def test_bad_tokens_are_refused(bilal: CustomUser) -> None:
    bilal_is_out = write_reset_token(bilal)
    verification = write_verification_token(bilal)
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    for bad in (bilal_is_out, verification, "x", "-", "zzzzzzzzzzzzz-a-b", "z" * 20 + "-a-b", "1-é-ü", "١-1-a"):
        assert (confirm(bad).status_code, codes(confirm(bad))) == (400, [("invalid_token", "token")])
    malformed: list[Any] = [None, "", {}, "x" * 2000]
    assert [confirm(token).status_code for token in malformed] == [400] * len(malformed)


@pytest.mark.django_db
def test_a_new_password_lets_a_locked_out_owner_in_again(bilal: CustomUser) -> None:
    body = {"email": bilal.email, "password": "wrong"}
    statuses = [APIClient().post("/api/accounts/login/", body).status_code for _ in range(6)]
    assert statuses[-1] == 429
    confirm(write_reset_token(bilal))
    assert APIClient().post("/api/accounts/login/", body | {"password": NEW}).status_code == 200


@pytest.mark.django_db
def test_resets_are_limited_by_address_and_by_e_mail(bilal: CustomUser, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "reset": "2/3600"}
    for email in ("bilal@demo.school", "nobody@demo.school"):
        statuses = [
            APIClient(REMOTE_ADDR=f"10.0.{len(email)}.{n}").post(RESET, {"email": email}).status_code for n in range(3)
        ]
        assert statuses == [202, 202, 429]
    by_address = [APIClient().post(RESET, {"email": f"user{n}@demo.school"}).status_code for n in range(3)]
    assert by_address == [202, 202, 429]


def meet_before_writing(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let so many threads have read what they judge by before any of them writes: the worst case of the race."""
    everyone = threading.Barrier(times)

    def hash_and_wait(password: str) -> str:
        encoded = make_password(password)
        everyone.wait(timeout=30)
        return encoded

    monkeypatch.setattr(services, "make_password", hash_and_wait)


@pytest.mark.django_db(transaction=True)
def test_of_eight_uses_of_one_token_at_once_one_succeeds(bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_before_writing(monkeypatch, 8)
    token = write_reset_token(bilal)
    answers = at_once(8, lambda: confirm(token))
    assert sorted(answer.status_code for answer in answers) == [204] + [400] * 7
    assert {tuple(codes(answer)) for answer in answers if answer.status_code == 400} == {(("invalid_token", "token"),)}


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_on_the_old_hash_all_eight_succeed(
    bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same race with the guard removed: the token was good when each of them looked."""

    def unguarded(user: CustomUser, password: str, **also: Any) -> bool:
        encoded = services.make_password(password)
        return bool(CustomUser.objects.filter(pk=user.pk).update(password=encoded))

    meet_before_writing(monkeypatch, 8)
    monkeypatch.setattr(services, "_replace_password", unguarded)
    token = write_reset_token(bilal)
    assert [answer.status_code for answer in at_once(8, lambda: confirm(token))] == [204] * 8


@pytest.mark.django_db(transaction=True)
def test_of_four_changes_from_the_same_old_password_at_once_one_succeeds(
    bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_before_writing(monkeypatch, 4)
    tokens = [token_for(bilal) for _ in range(4)]

    def change() -> int:
        client = APIClient(headers={"Authorization": f"Bearer {tokens.pop()}"})
        return client.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW}).status_code

    assert sorted(at_once(4, change)) == [204, 400, 400, 400]
    assert Session.objects.live().count() == 1


@pytest.mark.django_db
def test_the_mail_speaks_the_language_of_who_asked(bilal: CustomUser) -> None:
    APIClient(headers={"Accept-Language": "hi"}).post(RESET, {"email": bilal.email})
    assert OutgoingMail.objects.get().language == "hi"


@pytest.mark.django_db
def test_an_old_mail_still_carries_a_fresh_token(bilal: CustomUser) -> None:
    """The token is made as the mail is sent, so time in the queue is not taken from the reader."""
    ask(bilal.email)
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=2))
    send_queued_mail(OutgoingMail.objects.get().pk)
    found = re.search(r"token=(\S+)", str(mail.outbox[0].body))
    assert found is not None
    assert confirm(found[1]).status_code == 204
