"""Proving that an e-mail address is one's own."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import CustomUser
from accounts.signin.mailed_tokens import write_reset_token, write_verification_token
from e_learning.core.mail import send_queued_mail
from e_learning.core.models import OutgoingMail
from tests.accounts.at_once import at_once
from tests.conftest import ClientFor

VERIFY = "/api/accounts/email/verify/"
RESEND = "/api/accounts/email/resend/"


def verify(token: Any) -> Any:
    return APIClient().post(VERIFY, {"token": token})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_from_resending_to_verified(bilal: CustomUser, client_for: ClientFor, settings: Any) -> None:
    assert client_for(bilal).post(RESEND).status_code == 202
    body = str(mail.outbox[0].body)
    found = re.search(rf"{re.escape(settings.PUBLIC_URL)}/account/verify-email/\?token=(\S+)", body)
    assert found is not None
    assert verify(unquote(found[1])).status_code == 204
    assert client_for(bilal).get("/api/accounts/me/").json()["email_verified"] is True


@pytest.mark.django_db
def test_a_token_works_once(bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    assert verify(token).status_code == 204
    assert code(verify(token)) == (400, "invalid_token")


@pytest.mark.django_db
def test_a_token_belongs_to_the_address_it_was_mailed_to(bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    CustomUser.objects.filter(pk=bilal.pk).update(email="other@demo.school")
    assert code(verify(token)) == (400, "invalid_token")


@pytest.mark.django_db
def test_expired_forged_and_foreign_tokens_are_refused(bilal: CustomUser, settings: Any) -> None:
    good = write_verification_token(bilal)
    for bad in ("x", "a:b:c", good[:-1] + ("A" if good[-1] != "A" else "B"), write_reset_token(bilal), "é:ü:ß"):
        assert code(verify(bad)) == (400, "invalid_token")
    malformed: list[Any] = [None, "", [], "x" * 2000]
    assert [verify(token).status_code for token in malformed] == [400] * len(malformed)
    settings.EMAIL_VERIFICATION_SECONDS = -1
    assert code(verify(good)) == (400, "invalid_token")


@pytest.mark.django_db
def test_a_closed_account_is_not_verified(bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    assert code(verify(token)) == (400, "invalid_token")


@pytest.mark.django_db
def test_the_address_does_not_stand_in_the_token(bilal: CustomUser) -> None:
    import base64

    payload = write_verification_token(bilal).split(":")[0]
    assert b"bilal" not in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


@pytest.mark.django_db
def test_nothing_is_mailed_to_who_is_verified_already(bilal: CustomUser, client_for: ClientFor) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(email_verified=True)
    assert client_for(bilal).post(RESEND).status_code == 202
    assert send_queued_mail(OutgoingMail.objects.get().pk) == "dropped"
    assert mail.outbox == []


@pytest.mark.django_db
def test_resending_is_limited(bilal: CustomUser, client_for: ClientFor, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "reset": "2/3600"}
    client = client_for(bilal)
    assert [client.post(RESEND).status_code for _ in range(3)] == [202, 202, 429]


@pytest.mark.django_db
def test_a_stranger_resends_only_to_themselves(chitra: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    client_for(chitra).post(RESEND, {"email": bilal.email})
    assert OutgoingMail.objects.get().recipient == chitra.email


@pytest.mark.django_db(transaction=True)
def test_of_eight_uses_at_once_one_succeeds(bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    assert sorted(answer.status_code for answer in at_once(8, lambda: verify(token))) == [204] + [400] * 7
