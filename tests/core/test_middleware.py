"""What surrounds every request: its id, its log lines, and cookies kept to pages."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from accounts.models import CustomUser
from e_learning.core.client_address import client_address
from e_learning.core.context import RequestContext, request_context
from e_learning.core.logging import RequestContextFilter
from tests.conftest import ClientFor
from tests.factories.people import token_for

pytestmark = pytest.mark.django_db


# --- the request's id -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/api/nothing/", "/admin/login/"])
def test_a_given_request_id_comes_back(client: Client, path: str) -> None:
    answer = client.get(path, headers={"X-Request-ID": "phone-7.abc_1"})

    assert answer.headers["X-Request-ID"] == "phone-7.abc_1"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "line\nbreak", "ünï", "<b>", '{"a":1}'])
def test_an_odd_request_id_is_replaced(client: Client, given: str) -> None:
    answers = [client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] for _ in range(2)]

    assert given not in answers
    assert len(set(answers)) == 2
    assert all(len(made) == 16 for made in answers)


@pytest.mark.urls("tests.core.calls")
def test_an_error_page_carries_the_id_under_which_its_stack_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(RequestContextFilter())
    client = APIClient(raise_request_exception=False)

    answer = client.get("/api/failing/unforeseen/", headers={"X-Request-ID": "the-bad-one"})

    assert answer.headers["X-Request-ID"] == "the-bad-one"
    stacks = [record for record in caplog.records if record.exc_info]
    assert [record.request_id for record in stacks] == ["the-bad-one"]  # type: ignore[attr-defined]


def test_what_django_logs_of_a_request_afterwards_still_names_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestContextFilter())

    client.get("/api/nothing/", headers={"X-Request-ID": "not-there"})

    (line,) = (record for record in caplog.records if record.name == "django.request")
    assert line.request_id == "not-there"  # type: ignore[attr-defined]


def test_nothing_of_a_request_is_left_for_the_next(client: Client) -> None:
    client.get("/healthz")

    assert request_context.get() is None


# --- logs -----------------------------------------------------------------------------------------


def written_by(formatter: str, message: str, *args: object) -> str:
    """Return the line that the settings' formatter makes of a message."""
    from logging.config import DictConfigurator

    logs: dict[str, Any] = dict(django_settings.LOGGING)
    made = DictConfigurator(logs).configure_formatter(logs["formatters"][formatter])
    record = logging.getLogger("school").makeRecord("school", logging.INFO, __file__, 1, message, args, None)
    RequestContextFilter().filter(record)
    return str(made.format(record))


def test_json_lines_carry_the_request_and_the_user() -> None:
    token = request_context.set(RequestContext("r-1", user_id=7))
    try:
        line = json.loads(written_by("json", "opened %s", "a course"))
    finally:
        request_context.reset(token)

    assert line["message"] == "opened a course"
    assert (line["request_id"], line["user_id"]) == ("r-1", 7)
    assert (line["level"], line["logger"]) == ("INFO", "school")
    assert "time" in line


def test_plain_lines_carry_the_request() -> None:
    assert "school [-] opened" in written_by("plain", "opened")


@pytest.mark.urls("tests.core.calls")
@pytest.mark.parametrize("path", ["/api/mine/", "/api/hot-mine/"])
def test_lines_of_a_signed_in_request_name_the_user_by_id(
    bilal: CustomUser, client_for: ClientFor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.handler.addFilter(RequestContextFilter())
    caplog.set_level(logging.DEBUG, logger="e_learning.request")

    client_for(bilal).get(path)

    (line,) = (record for record in caplog.records if record.name == "e_learning.request")
    assert line.user_id == bilal.pk  # type: ignore[attr-defined]
    assert bilal.email not in line.getMessage()


def test_a_query_string_is_never_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="e_learning.request")

    client.get("/healthz?signature=secret")

    assert "GET /healthz 200" in caplog.text
    assert "secret" not in caplog.text


def test_a_slow_request_is_a_warning(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("e_learning.core.middleware._SLOW_SECONDS", -1)

    client.get("/healthz")

    assert [record.levelname for record in caplog.records if record.name == "e_learning.request"] == ["WARNING"]


# --- cookies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/", "/api/nothing/", "/healthz"])
def test_the_api_sets_no_cookie(client: Client, path: str) -> None:
    answer = client.get(path)

    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_admin_signs_in_by_cookie_and_guards_its_forms(admin: CustomUser) -> None:
    browser = Client(enforce_csrf_checks=True)
    form = browser.get("/admin/login/")
    refused = browser.post("/admin/login/", {"username": admin.email, "password": "x"})

    assert "csrftoken" in form.cookies
    assert refused.status_code == 403

    browser.force_login(admin)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.urls("tests.core.calls")
def test_a_session_cookie_signs_nobody_in_to_the_api(bilal: CustomUser) -> None:
    browser = Client()
    browser.force_login(bilal)

    assert browser.get("/api/mine/").status_code == 401
    assert browser.get("/api/hot-mine/").status_code == 401


@pytest.mark.urls("tests.core.calls")
def test_the_api_needs_no_csrf_token(bilal: CustomUser) -> None:
    strict = APIClient(enforce_csrf_checks=True)
    strict.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(bilal)}")

    assert strict.post("/api/readable/", {}).status_code == 200


# --- language -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("hi", "hi"),
        ("hi-IN,en;q=0.5", "hi"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("x" * 3000, "en"),
        ("hi;q=x", "en"),
    ],
)
def test_the_api_answers_in_the_language_asked_for(client: Client, asked: str, answered: str) -> None:
    answer = client.get("/api/nothing/", headers={"Accept-Language": asked})

    assert answer.headers["Content-Language"] == answered
    assert "Accept-Language" in answer.headers["Vary"]


# --- where a request came from --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "9.9.9.9", "1.1.1.1"),
        (1, "9.9.9.9, 2.2.2.2", "2.2.2.2"),
        (2, "9.9.9.9, 2.2.2.2, 3.3.3.3", "2.2.2.2"),
        (1, "", "1.1.1.1"),
        (2, "2.2.2.2", "1.1.1.1"),
        (1, " , ,2.2.2.2 ", "2.2.2.2"),
        (1, "x" * 500, "x" * 64),
    ],
)
def test_only_as_many_hops_are_believed_as_proxies_are_ours(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="1.1.1.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == address


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:1.1.1.1", "1.1.1.1"),
        ("::1", "::1"),
        ("1.1.1.1", "1.1.1.1"),
    ],
)
def test_all_addresses_of_one_customer_count_as_one(address: str, counted_as: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted_as


def test_a_request_without_an_address_still_has_a_key() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"
