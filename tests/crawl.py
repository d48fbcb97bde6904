"""Every call there is, made up from the schema: good ones, searching ones and bad ones, each undone afterwards.

A call that is added is crawled without being named here. What the schema asks for is made by the name of the
field where the school has something of that name (``School.known``), else by its type; a field that can be made
by neither fails with what to add.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RegexPattern
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(public=True)
#: What a call sends, by name or by type, where the school itself has nothing of the name.
_BY_FORMAT = {
    "email": "nobody@demo.school",
    "uri": "https://demo.school/",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "decimal": "1",
}
_FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}
_IN_ADDRESSES = {"kind": "private", "language": "en"}
_BY_TYPE: dict[str, Any] = {"string": "a word", "integer": 1, "number": 1, "boolean": False}


class CannotMake(Exception):
    """A body or an address that the crawl can't make up: give the school something of that name."""


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    bodies: dict[str, Any]

    def query_names(self) -> list[str]:
        return [one["name"] for one in self.parameters if one["in"] == "query"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``body`` goes as its content type says: as a form, as a file by itself, else as JSON."""

    operation: str
    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"

    def __str__(self) -> str:
        return f"{self.operation}: {self.method.upper()} {self.path}"


def operations() -> list[Operation]:
    return [
        Operation(
            name=said["operationId"],
            method=method,
            path=path,
            parameters=tuple(said.get("parameters", ())),
            bodies=said.get("requestBody", {}).get("content", {}),
        )
        for path, methods in SCHEMA["paths"].items()
        for method, said in methods.items()
    ]


class Crawl:
    """Makes the calls. ``known`` gives values by the names of fields and parameters, several for ids in paths."""

    def __init__(self, known: dict[str, Any], ids: dict[str, list[int]], words: str) -> None:
        self._known = known
        self._ids = ids
        self._words = words

    def calls(self) -> Iterator[Call]:
        for operation in operations():
            for path in self._paths(operation):
                yield from self._calls_at(operation, path)

    def _calls_at(self, operation: Operation, path: str) -> Iterator[Call]:
        if operation.method == "get":
            queries = self._queries(operation)
            yield from (Call(operation.name, "get", f"{path}{query}") for query in queries)
        elif not operation.bodies:
            yield Call(operation.name, operation.method, path)
        else:
            for content_type, body in self._bodies(operation):
                yield Call(operation.name, operation.method, path, body, content_type)

    def _paths(self, operation: Operation) -> list[str]:
        """Return the addresses of the operation: one for each row that its ids may name."""
        names = re.findall(r"{(\w+)}", operation.path)
        before = dict(re.findall(r"([\w-]+)/{(\w+)}", operation.path))
        rooms = {name: room for room, name in before.items()}
        values = [self._ids.get(rooms.get(name, ""), [self._known.get(name, 1)]) for name in names]
        return [operation.path.format(**dict(zip(names, chosen, strict=True))) for chosen in product(*values)]

    def _queries(self, operation: Operation) -> list[str]:
        """Nothing asked; everything asked by what is known; and the words looked for in every text field."""
        texts = [one["name"] for one in operation.parameters if one["in"] == "query" and _type_of(one) == "string"]
        known = [f"{name}={self._known[name]}" for name in operation.query_names() if name in self._known]
        looked_for = [f"{name}={self._words}" for name in texts]
        one_by_one = [f"?{one}" for one in looked_for]
        return ["", *([f"?{'&'.join(known)}"] if known else []), *one_by_one]

    def _bodies(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        for content_type, media in operation.bodies.items():
            body = self._made(operation.name, media.get("schema", {}))
            yield content_type, body
            if isinstance(body, dict) and content_type == "application/json":
                yield content_type, {name: [{"wrong": self._words}] for name in body}
                yield content_type, dict.fromkeys(body, self._words)

    def _made(self, name: str, schema: dict[str, Any]) -> Any:
        if name in self._known:
            return self._known[name]
        schema = _resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "array":
            return [self._made(name, schema["items"])]
        if "properties" in schema:
            return {inner: self._made(inner, said) for inner, said in schema["properties"].items()}
        return _by_type(name, schema)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and take the first of several shapes."""
    if "$ref" in schema:
        return _resolved(SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return _resolved(schema[several][0])
    return schema


def _by_type(name: str, schema: dict[str, Any]) -> Any:
    if schema.get("format") == "binary":
        return SimpleUploadedFile("notes.txt", b"1\n00:00:01,000 --> 00:00:02,000\nWords\n")
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if schema.get("type") in _BY_TYPE:
        return schema.get("minimum", _BY_TYPE[schema["type"]])
    if schema.get("type", "object") == "object":  # anything at all
        return {}
    raise CannotMake(f"{name}: {schema}")


def _type_of(parameter: dict[str, Any]) -> str:
    return str(parameter.get("schema", {}).get("type", "string"))


def plain_addresses() -> list[str]:
    """Return every address of the platform but the back office's, also those that the schema doesn't tell of."""
    return sorted({f"/{route}" for route in _routes(get_resolver().url_patterns) if not route.startswith("admin/")})


def _routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        written = str(pattern.pattern)
        plain = simplify_regex(written).lstrip("/") if isinstance(pattern.pattern, RegexPattern) else written
        route = before + re.sub(r"<(?:\w+:)?(\w+)>", lambda named: _IN_ADDRESSES.get(named[1], "1"), plain)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern.url_patterns, route)


def undone(client: APIClient, call: Call) -> Any:
    """Make the call, and take back whatever it did."""
    with transaction.atomic():
        response = _made_by(client, call)
        transaction.set_rollback(True)
    return response


def _made_by(client: APIClient, call: Call) -> Any:
    if call.method == "get":
        return client.get(call.path)
    if isinstance(call.body, SimpleUploadedFile):
        call.body.seek(0)
        return client.generic(call.method.upper(), call.path, call.body.read(), content_type=call.content_type)
    send = getattr(client, call.method)
    if call.content_type in _FORMS:
        return send(
            call.path, {name: _in_a_form(value) for name, value in (call.body or {}).items()}, format="multipart"
        )
    return send(call.path, _without_files(call.body), format="json")


def _in_a_form(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) or value is None else value


def _without_files(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if not isinstance(value, SimpleUploadedFile)}


def text_of(response: Any) -> str:
    """Return all that went over the wire: body and headers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace") + "\n" + "\n".join(f"{name}: {value}" for name, value in response.items())
