"""The schema is public, and says of every call how it can fail."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from e_learning.core.api.conditional import etag_of
from e_learning.core.api.paths import MOST_ID, IdConverter, id_asked_for

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return made


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, call) for path, calls in schema["paths"].items() for method, call in calls.items()]


def test_schema_and_docs_are_public(client: Client) -> None:
    schema = client.get("/api/schema/")
    docs = client.get("/api/docs/")

    assert (schema.status_code, docs.status_code) == (200, 200)
    assert schema.json()["openapi"].startswith("3.")
    assert b"swagger-ui" in docs.content


def test_the_docs_load_nothing_from_elsewhere(client: Client) -> None:
    import re

    page = client.get("/api/docs/").content.decode()

    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    assert [source for source in sources if source.startswith(("http", "//"))] == []


def test_every_call_says_how_it_can_fail(schema: dict[str, Any]) -> None:
    found = operations(schema)
    incomplete = [
        (method, path)
        for path, method, call in found
        if not {"400", "401", "403", "404", "429", "503"} <= set(call["responses"])
        or (method != "get" and not {"409", "413", "415"} <= set(call["responses"]))
    ]

    assert len(found) > 10
    assert incomplete == []


@pytest.mark.parametrize(
    ("path", "method", "is_public"),
    [
        ("/api/accounts/login/", "post", True),
        ("/api/courses/contents/{id}/", "get", True),
        ("/api/courses/contents/{id}/", "patch", False),
        ("/api/accounts/logout/", "post", False),
    ],
)
def test_a_call_is_public_or_asks_for_a_token(schema: dict[str, Any], path: str, method: str, is_public: bool) -> None:
    call = schema["paths"][path][method]

    assert call.get("description", "").endswith("*Public.*") is is_public
    assert ({} in call.get("security", [{}])) is is_public


def test_the_error_shape_of_the_schema_is_the_contracts(schema: dict[str, Any]) -> None:
    error = schema["components"]["schemas"]["Error"]

    assert set(error["required"]) == {"type", "errors"}
    entry = schema["components"]["schemas"]["ErrorEntry"]
    assert set(entry["required"]) == {"code", "detail", "attr"}


@pytest.mark.urls("tests.core.calls")
def test_json_comes_whatever_is_accepted(client: Client) -> None:
    for accepted in ("text/html", "application/xml;q=0.9", "nonsense"):
        answer = APIClient().get("/api/readable/", headers={"Accept": accepted})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


def test_a_body_has_one_etag() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"')


def test_ids_past_every_column_match_no_path() -> None:
    converter = IdConverter()

    assert converter.to_python(str(MOST_ID)) == MOST_ID
    for text in (str(MOST_ID + 1), "9" * 5000):
        with pytest.raises(ValueError):  # noqa: PT011 - Django answers 404 to it
            converter.to_python(text)


@pytest.mark.parametrize(
    ("query", "id_"), [("", None), ("course=", None), ("course=7", 7), (f"course={MOST_ID}", MOST_ID)]
)
def test_ids_in_a_query(rf: Any, query: str, id_: int | None) -> None:
    assert id_asked_for(rf.get(f"/?{query}"), "course") == id_


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.0", "٣", "9" * 19 + "9", "9" * 5000, "%00"])
def test_what_can_be_no_id_is_the_callers_fault(rf: Any, value: str) -> None:
    from e_learning.core.api.errors import InvalidInput

    with pytest.raises(InvalidInput) as refusal:
        id_asked_for(rf.get(f"/?course={value}"), "course")
    assert refusal.value.attr == "course"
