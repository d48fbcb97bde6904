"""The same request sent again has one effect and gets the first answer (API §1, retries)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from e_learning.core.api import idempotency
from e_learning.core.models import IdempotentAnswer
from e_learning.core.tasks import forget_idempotent_answers
from tests.conftest import ClientFor
from tests.core.stand_ins import all_at_once
from tests.factories.people import token_for

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.calls")]


def send(client: APIClient, body: Any = None, *, key: str = "one", path: str = "/api/rename/") -> Any:
    return client.post(path, body or {"name": "a"}, headers={"Idempotency-Key": key})


def effects(user: CustomUser) -> int:
    return CustomUser.objects.get(pk=user.pk).full_name.count("x")


def test_the_same_request_again_gets_the_first_answer(bilal: CustomUser, bilals: APIClient) -> None:
    first, second = send(bilals), send(bilals)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert effects(bilal) == 1


def test_without_a_key_each_request_has_its_effect(bilal: CustomUser, bilals: APIClient) -> None:
    for _ in range(2):
        bilals.post("/api/rename/", {"name": "a"})

    assert effects(bilal) == 2


@pytest.mark.parametrize("other", [{"body": {"name": "b"}}, {"path": "/api/rename/?other=1"}])
def test_the_same_key_for_another_request_is_a_conflict(
    bilal: CustomUser, bilals: APIClient, other: dict[str, Any]
) -> None:
    send(bilals)

    answer = send(bilals, **other)

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert effects(bilal) == 1


def test_people_do_not_share_keys(
    bilal: CustomUser, chitra: CustomUser, bilals: APIClient, client_for: ClientFor
) -> None:
    answers = [send(bilals).json(), send(client_for(chitra)).json()]

    assert answers[0] != answers[1]
    assert (effects(bilal), effects(chitra)) == (1, 1)


def test_a_refused_request_leaves_no_claim_and_no_effect(bilal: CustomUser, bilals: APIClient) -> None:
    assert send(bilals, {"refuse": True}).status_code == 409
    assert send(bilals, {"refuse": True}).json()["errors"][0]["code"] == "conflict"

    assert effects(bilal) == 0
    assert send(bilals).status_code == 201


def test_without_a_user_the_key_is_ignored(anonymous: APIClient) -> None:
    assert send(anonymous).json() != send(anonymous).json()
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 65, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(bilal: CustomUser, bilals: APIClient, key: str) -> None:
    answer = send(bilals, key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"
    assert effects(bilal) == 0


def test_the_longest_key_is_taken(bilals: APIClient) -> None:
    assert send(bilals, key="x" * 64).status_code == 201


@pytest.mark.parametrize(("hours", "remembered"), [(23.9, True), (24.1, False)])
def test_a_key_is_remembered_for_24_hours(bilal: CustomUser, bilals: APIClient, hours: float, remembered: bool) -> None:
    first = send(bilals).json()
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=hours))

    assert (send(bilals).json() == first) is remembered
    assert effects(bilal) == (1 if remembered else 2)


def test_old_answers_are_deleted(bilals: APIClient) -> None:
    send(bilals, key="old")
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    send(bilals, key="new")

    assert forget_idempotent_answers() == 1
    assert IdempotentAnswer.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [2, 8])
def test_the_same_request_many_times_at_once_has_one_effect(
    bilal: CustomUser, client_for: ClientFor, count: int
) -> None:
    token = token_for(bilal)

    def post() -> tuple[int, bytes]:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = send(client)
        return answer.status_code, answer.content

    results = all_at_once(count, post)

    assert len(set(results)) == 1, results
    assert results[0][0] == 201  # type: ignore[index]
    assert effects(bilal) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_many_at_once_have_many_effects(bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with its guard taken away: nothing in the database says that the key is taken."""

    def claim_nothing(**values: Any) -> IdempotentAnswer:
        answer = IdempotentAnswer(created_at=timezone.now(), **values)
        answer.save = lambda **kwargs: None  # type: ignore[method-assign]
        return answer

    monkeypatch.setattr(idempotency, "_claim", claim_nothing)
    token = token_for(bilal)

    def post() -> bytes:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return send(client).content

    assert len(set(all_at_once(8, post))) == 8


# --- over a gateway -----------------------------------------------------------------------------


def order(client: APIClient, body: Any = None, *, key: str = "one") -> Any:
    return send(client, body, key=key, path="/api/order/")


@pytest.mark.django_db(transaction=True)
def test_over_a_gateway_no_transaction_is_open_and_the_first_answer_is_given_again(bilals: APIClient) -> None:
    first, second = order(bilals), order(bilals)

    assert first.status_code == second.status_code == 201
    assert first.json()["in_transaction"] is False
    assert second.content == first.content
    assert order(bilals, key="two").json() != first.json()


def test_over_a_gateway_the_key_is_bound_to_its_body(bilals: APIClient) -> None:
    order(bilals)

    assert order(bilals, {"name": "b"}).json()["errors"][0]["code"] == "idempotency_key_reused"


def test_over_a_gateway_a_refusal_is_not_kept(bilals: APIClient) -> None:
    assert [order(bilals, {"refuse": True}).status_code for _time in range(2)] == [409, 409]

    assert IdempotentAnswer.objects.get().status == 0
    assert order(bilals, {"name": "b"}).json()["errors"][0]["code"] == "idempotency_key_reused"


@pytest.mark.django_db(transaction=True)
def test_over_a_gateway_all_at_once_get_the_answer_that_was_written_first(bilal: CustomUser) -> None:
    token = token_for(bilal)

    def post() -> tuple[int, bytes]:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = order(client)
        return answer.status_code, answer.content

    assert len(set(all_at_once(8, post))) == 1


def test_over_a_gateway_without_a_user_or_a_key(anonymous: APIClient, bilals: APIClient) -> None:
    assert order(anonymous).json() != order(anonymous).json()
    assert order(bilals, key="x" * 65).status_code == 400
    assert not IdempotentAnswer.objects.exists()
