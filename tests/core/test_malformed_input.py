"""Malformed input never gives a 5xx (API §1)."""

import itertools
import re

import pytest
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import CustomUser
from e_learning.core.api.errors import render_error
from e_learning.core.api.parsers import parse_json
from tests.conftest import ClientFor

MALFORMED = {
    "nothing but a brace": b"{",
    "two values": b'{"title": "a"} {"title": "b"}',
    "no JSON at all": b"title=a",
    "a byte order mark": b'\xef\xbb\xbf{"title": "a"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "invalid UTF-8": b'{"title": "\xff"}',
    "an encoded surrogate": b'{"title": "\xed\xa0\x80"}',
    "a lone surrogate": b'{"title": "\\ud800"}',
    "a lone surrogate before text": b'{"title": "\\ud800abc"}',
    "a low surrogate": b'{"title": "\\udc00"}',
    "an escaped NUL": b'{"title": "a\\u0000b"}',
    "an escaped NUL in a name": b'{"title": "a", "b\\u0000": 1}',
    "an escaped NUL deep inside": b'{"title": "a", "options": [{"option_text": "\\u0000"}]}',
    "a raw NUL": b'{"title": "a\x00b"}',
    "NUL before": b'\x00{"title": "a"}',
    "NaN": b'{"title": "a", "number": NaN}',
    "Infinity": b'{"title": "a", "number": -Infinity}',
    "a number past every float": b'{"title": "a", "number": 1e999}',
    "a number of 5000 digits": b'{"title": "a", "number": ' + b"9" * 5000 + b"}",
    "1000 brackets": b'{"title": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "66 levels": b'{"title": "a", "other": ' + b"[" * 65 + b"1" + b"]" * 65 + b"}",
    "100000 open brackets": b"[" * 100_000,
    "100000 open objects": b'{"a":' * 100_000,
}


@pytest.mark.django_db
@pytest.mark.urls("tests.core.calls")
@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_body_is_the_callers_fault(path: str, what: str) -> None:
    answer = APIClient().post(path, MALFORMED[what], content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "parse_error"


@pytest.mark.django_db
@pytest.mark.urls("tests.core.calls")
@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/"])
@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"17",
        b'"text"',
        b"[[[]]]",
        b'{"title": {"a": [1]}}',
        b'{"title": "a", "number": ' + b"9" * 400 + b"}",
        b'{"title": "a", "names": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"title": "a", "options": {"0": "b"}}',
    ],
)
def test_json_of_another_shape_is_a_validation_error(path: str, body: bytes) -> None:
    answer = APIClient().post(path, body, content_type="application/json")

    # 400 digits are a whole number; whether a field takes it is the field's to say.
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or b"99999" in body


@pytest.mark.django_db
@pytest.mark.urls("tests.core.calls")
@pytest.mark.parametrize("length", ["-5", "many", "0", ""])
def test_a_false_content_length_is_not_our_fault(length: str) -> None:
    client = APIClient(raise_request_exception=False)

    answer = client.post("/api/echo/", b'{"title": "a"}', content_type="application/json", CONTENT_LENGTH=length)

    assert answer.status_code in {200, 400}


@pytest.mark.django_db
@pytest.mark.urls("tests.core.calls")
@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer two words"},
        {"Authorization": "\x00"},
        {"Accept": "nonsense"},
        {"Accept": "text/html;q=x, */*"},
        {"Accept-Language": "xx-" * 400},
        {"X-Request-ID": "\x00\n"},
        {"If-None-Match": '"' * 300},
        {"Content-Type": "application/json; charset=nonsense"},
    ],
    ids=lambda header: next(iter(header)) + ": " + ascii(next(iter(header.values())))[:20],
)
@pytest.mark.parametrize("path", ["/api/echo/", "/api/hot-echo/", "/api/mine/", "/api/hot-mine/"])
def test_an_odd_header_is_not_our_fault(path: str, header: dict[str, str]) -> None:
    client = APIClient(raise_request_exception=False)

    assert client.get(path, headers=header).status_code < 500
    assert (
        client.post(path, b'{"title": "a"}', headers={"Content-Type": "application/json", **header}).status_code < 500
    )


ODD_VALUES = ["\0", "", "x", "-1", "0", "9" * 30, "9" * 5000, "1.5", "%", "' OR 1=1 --", "\u202e", "true", "2026-13-45"]


@pytest.mark.django_db
def test_no_value_of_any_query_parameter_breaks_a_call(admin: CustomUser, client_for: ClientFor) -> None:
    """Every parameter that the schema of the platform names, with values that no column or parser likes."""
    schema = SchemaGenerator().get_schema(public=True)
    client = client_for(admin)
    client.raise_request_exception = False
    asked, broken = 0, []
    for path, calls in schema["paths"].items():
        names = [
            parameter["name"] for parameter in calls.get("get", {}).get("parameters", []) if parameter["in"] == "query"
        ]
        for name, value in itertools.product(names, ODD_VALUES):
            asked += 1
            answer = client.get(re.sub(r"{\w+}", "1", path), {name: value})
            if answer.status_code >= 500:
                broken.append((path, name, value[:20]))

    assert asked > 50
    assert broken == []


def test_an_empty_body_is_an_empty_object() -> None:
    import io

    from e_learning.core.api.parsers import StrictJSONParser

    assert StrictJSONParser().parse(io.BytesIO(b" \n")) == {}


def test_text_in_every_script_passes() -> None:
    assert parse_json('{"title": "अ आ 😀", "escaped": "\\ud83d\\ude00"}'.encode()) == {
        "title": "अ आ 😀",
        "escaped": "😀",
    }


def test_64_levels_pass_however_wide_they_are() -> None:
    deep = b"[" * 64 + b"1" + b"]" * 64

    assert parse_json(deep)
    assert len(parse_json(b"[" + b"[{}]," * 500 + b"[]]")) == 501


def test_the_letters_u0000_are_no_nul() -> None:
    assert parse_json(b'"\\\\u0000"') == "\\u0000"


@given(body=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8fn1e-.', max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_value_or_the_callers_fault(body: bytes) -> None:
    try:
        parse_json(body)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the caller's
        rendered = render_error(error)
        assert rendered is not None
        assert rendered.status == 400
