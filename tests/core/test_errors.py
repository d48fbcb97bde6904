"""Whatever goes wrong, the caller sees one shape (API §1)."""

from typing import Any

import pytest
from django.http import HttpRequest, UnreadablePostError
from rest_framework.test import APIClient

from e_learning.core.api.errors import ApiError, NotSignedIn, bad_request, forbidden, render_error
from tests.core.calls import FAILURES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.calls")]

#: name of the failure → status, type, code, attr
EXPECTED = {
    "invalid": (400, "validation_error", "invalid", "price"),
    "paid": (402, "client_error", "payment_required", None),
    "refused": (403, "client_error", "permission_denied", None),
    "absent": (404, "client_error", "not_found", None),
    "conflict": (409, "client_error", "conflict", None),
    "too_many": (429, "client_error", "throttled", None),
    "away": (503, "server_error", "unavailable", None),
    "django_404": (404, "client_error", "not_found", None),
    "django_403": (403, "client_error", "permission_denied", None),
    "django_invalid": (400, "validation_error", "invalid", "title"),
    "django_invalid_whole": (400, "validation_error", "invalid", None),
}


@pytest.fixture
def client() -> APIClient:
    return APIClient(raise_request_exception=False)


def is_contract_shape(body: Any) -> bool:
    entries = body["errors"]
    return body["type"] in {"validation_error", "client_error", "server_error"} and all(
        set(entry) == {"code", "detail", "attr"} and isinstance(entry["detail"], str) for entry in entries
    )


@pytest.mark.parametrize("kind", ["failing", "hot-failing"])
@pytest.mark.parametrize("how", EXPECTED)
def test_each_error_becomes_the_contracts_shape(client: APIClient, kind: str, how: str) -> None:
    answer = client.get(f"/api/{kind}/{how}/")

    status, type_, code, attr = EXPECTED[how]
    assert answer.status_code == status
    assert is_contract_shape(answer.json())
    assert answer.json()["type"] == type_
    assert [(entry["code"], entry["attr"]) for entry in answer.json()["errors"]] == [(code, attr)]


@pytest.mark.parametrize("kind", ["failing", "hot-failing"])
def test_an_unforeseen_error_tells_the_caller_nothing(client: APIClient, kind: str) -> None:
    answer = client.get(f"/api/{kind}/unforeseen/")

    assert answer.status_code == 500
    assert answer.json()["type"] == "server_error"
    assert answer.json()["errors"][0]["code"] == "error"
    assert b"secret" not in answer.content


def test_a_price_stands_beside_the_errors(client: APIClient) -> None:
    body = client.get("/api/failing/paid/").json()

    assert (body["price"], body["currency"]) == ("499.00", "INR")


@pytest.mark.parametrize("kind", ["failing", "hot-failing"])
def test_a_refused_call_says_when_to_come_back(client: APIClient, kind: str) -> None:
    assert client.get(f"/api/{kind}/too_many/").headers["Retry-After"] == "7"
    assert client.get(f"/api/{kind}/away/").headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
def test_a_nested_error_names_its_field_by_a_dotted_path(client: APIClient, path: str) -> None:
    body = {
        "title": "Colours",
        "options": [{"option_text": "red"}, {"option_text": "vermilion"}],
        "names": ["a", "long"],
    }

    answer = client.post(path, body)

    assert answer.status_code == 400
    assert is_contract_shape(answer.json())
    assert {(entry["attr"], entry["code"]) for entry in answer.json()["errors"]} == {
        ("options.1.option_text", "max_length"),
        ("names.1", "max_length"),
    }


def test_an_error_of_the_whole_has_no_field(client: APIClient) -> None:
    answer = client.post("/api/echo/", {"title": "contradiction"})

    assert answer.json()["errors"] == [{"code": "contradiction", "detail": "This contradicts itself.", "attr": None}]


def test_a_body_that_is_no_object_is_an_error_of_the_whole(client: APIClient) -> None:
    answer = client.post("/api/echo/", ["a", "list"])

    assert answer.status_code == 400
    assert [entry["attr"] for entry in answer.json()["errors"]] == [None]


@pytest.mark.parametrize("path", ["/api/nothing/here/", "/nothing", "/api/courses/999999999999999999999999/"])
def test_an_unknown_address_is_the_contracts_404(client: APIClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
def test_a_method_that_is_not_offered_is_the_contracts_405(client: APIClient, path: str) -> None:
    answer = client.delete(path)

    assert answer.status_code == 405
    assert is_contract_shape(answer.json())
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=x", "text/plain", "application/xml", "nonsense"]
)
def test_a_body_of_another_type_is_the_contracts_415(client: APIClient, content_type: str) -> None:
    answer = client.post("/api/echo/", b"--x--", content_type=content_type)

    assert answer.status_code == 415
    assert is_contract_shape(answer.json())
    assert answer.json()["errors"][0]["code"] == "unsupported_media_type"


@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
def test_a_body_past_the_limit_is_the_contracts_413(client: APIClient, path: str, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    fits = client.post(path, {"title": "x" * 50})
    too_large = client.post(path, {"title": "x" * 500})

    assert fits.status_code == 200
    assert too_large.status_code == 413
    assert is_contract_shape(too_large.json())
    assert too_large.json()["errors"][0]["code"] == "too_large"


def test_a_host_that_is_not_ours_is_refused_in_the_contracts_shape(client: APIClient) -> None:
    answer = client.get("/api/echo/", headers={"Host": "elsewhere.example"})

    assert answer.status_code == 400
    assert is_contract_shape(answer.json())


def test_pages_of_errors_have_the_contracts_shape() -> None:
    assert bad_request(HttpRequest()).status_code == 400
    assert forbidden(HttpRequest()).status_code == 403


def test_a_caller_who_left_in_the_middle_of_the_body_is_no_fault_of_ours() -> None:
    rendered = render_error(UnreadablePostError("connection reset"))

    assert rendered is not None
    assert rendered.status == 400


def test_messages_follow_the_language_asked_for(client: APIClient, settings: Any) -> None:
    """Field errors come from Django and DRF, which are translated into Hindi already."""
    in_english = client.post("/api/echo/", {}, headers={"Accept-Language": "en"}).json()["errors"][0]["detail"]
    in_hindi = client.post("/api/echo/", {}, headers={"Accept-Language": "hi"}).json()["errors"][0]["detail"]

    assert in_english != in_hindi


def test_a_service_may_change_message_and_code_of_its_case() -> None:
    rendered = render_error(ApiError("No more than three.", code="too_long", attr="names"))

    assert rendered is not None
    assert rendered.body["errors"] == [{"code": "too_long", "detail": "No more than three.", "attr": "names"}]


def test_a_caller_without_a_token_is_told_how_to_sign_in() -> None:
    rendered = render_error(NotSignedIn())

    assert rendered is not None
    assert rendered.headers == {"WWW-Authenticate": "Bearer"}


def test_every_failure_of_this_page_is_expected_somewhere() -> None:
    assert set(FAILURES) == {*EXPECTED, "unforeseen"}
