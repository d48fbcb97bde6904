"""A hot view takes a shorter way to the same answers."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from e_learning.core.api.errors import NotSignedIn
from e_learning.core.api.hot import HotView
from tests.conftest import ClientFor
from tests.core.calls import FAILURES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.calls")]
#: What of the headers belongs to the contract; the request's id differs from call to call.
HEADERS = ("Content-Type", "WWW-Authenticate", "Retry-After", "Allow", "Content-Language", "Vary")


def outcome(answer: Any) -> tuple[Any, ...]:
    return answer.status_code, answer.content, {name: answer.headers.get(name) for name in HEADERS[:4]}


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a b"},
        {"Authorization": "Basic YTpi"},
    ],
)
def test_without_a_good_token_both_ways_refuse_alike(header: dict[str, str]) -> None:
    plain, hot = (APIClient().get(path, headers=header) for path in ("/api/mine/", "/api/hot-mine/"))

    assert plain.status_code == 401
    assert outcome(plain)[:2] == outcome(hot)[:2]
    assert plain.headers["WWW-Authenticate"] == hot.headers["WWW-Authenticate"] == "Bearer"


def test_with_a_good_token_both_ways_answer_alike(bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    plain, hot = client.get("/api/mine/"), client.get("/api/hot-mine/")

    assert (plain.status_code, plain.json()) == (200, {"user_id": bilal.pk})
    assert (hot.status_code, hot.json()) == (200, {"user_id": bilal.pk})
    assert plain.headers["Content-Type"] == hot.headers["Content-Type"]


@pytest.mark.parametrize("how", sorted(FAILURES))
def test_every_failure_is_told_alike(how: str) -> None:
    client = APIClient(raise_request_exception=False)
    plain, hot = client.get(f"/api/failing/{how}/"), client.get(f"/api/hot-failing/{how}/")

    assert (plain.status_code, plain.json()) == (hot.status_code, hot.json())
    assert plain.headers.get("Retry-After") == hot.headers.get("Retry-After")


def test_an_unforeseen_error_reaches_djangos_handler_both_ways() -> None:
    for path in ("/api/failing/unforeseen/", "/api/hot-failing/unforeseen/"):
        with pytest.raises(ZeroDivisionError):
            APIClient().get(path)


@pytest.mark.parametrize("path", ["/api/mine/", "/api/hot-mine/"])
def test_a_users_calls_are_counted_on_both_ways(
    bilal: CustomUser, client_for: ClientFor, settings: Any, path: str
) -> None:
    settings.LIMITS = {**settings.LIMITS, "user": "3/3600"}
    client = client_for(bilal)

    answers = [client.get(path) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["errors"][0]["code"] == "throttled"
    assert int(answers[3].headers["Retry-After"]) > 0


def test_both_ways_share_one_count(bilal: CustomUser, client_for: ClientFor, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "user": "3/3600"}
    client = client_for(bilal)
    statuses = [client.get(path).status_code for path in ("/api/mine/", "/api/hot-mine/") * 2]

    assert statuses == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
def test_calls_without_a_token_are_counted_by_address(settings: Any, path: str) -> None:
    settings.LIMITS = {**settings.LIMITS, "address": "2/3600"}

    def post(address: str) -> int:
        return APIClient().post(path, {"title": "a"}, REMOTE_ADDR=address).status_code

    assert [post("1.1.1.1") for _ in range(3)] == [200, 200, 429]
    assert post("2.2.2.2") == 200


@pytest.mark.parametrize("path", ["/api/mine/", "/api/hot-mine/"])
def test_callers_are_let_through_while_the_counting_cache_is_away(
    bilal: CustomUser, client_for: ClientFor, settings: Any, path: str
) -> None:
    from tests.core.stand_ins import AWAY

    client = client_for(bilal)
    settings.CACHES = AWAY

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_methods_that_are_not_hot_take_drfs_way(method: str, bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    plain, hot = (getattr(client, method)(path, {}) for path in ("/api/mine/", "/api/hot-mine/"))

    assert plain.status_code == 405
    assert outcome(plain) == outcome(hot)


def test_a_public_view_has_no_claims_to_give() -> None:
    view = HotView()
    view.claims = None

    with pytest.raises(NotSignedIn):
        _ = view.signed_in
