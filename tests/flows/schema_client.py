"""A client that knows nothing but the OpenAPI schema: it finds calls by their id and checks every answer against it."""

from typing import Any

import httpx
from jsonschema import Draft202012Validator


class SchemaClient:
    """Calls operations of the schema it has read from the server itself."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=20)
        self._schema = self._http.get("/api/schema/").json()
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self._schema["paths"].items()
            for method, operation in methods.items()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def sign_in(self, access_token: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {access_token}"

    @property
    def headers(self) -> dict[str, str]:
        return dict(self._http.headers)

    def answer(self, operation_id: str, *, body: Any = None, **path: Any) -> httpx.Response:
        """Make the call and return what came, whatever it is."""
        method, template, _operation = self._operations[operation_id]
        return self._http.request(method, template.format(**path), json=body)

    def call(self, operation_id: str, *, query: Any = None, body: Any = None, expect: int = 200, **path: Any) -> Any:
        """Make the call and return its body; fails where status or body are not what the schema says."""
        method, template, operation = self._operations[operation_id]
        answer = self._http.request(method, template.format(**path), params=query, json=body)
        assert answer.status_code == expect, f"{operation_id}: {answer.status_code} {answer.text[:500]}"
        said = operation["responses"][str(answer.status_code)]
        if "content" in said:
            self._check(answer.json(), said["content"]["application/json"]["schema"])
            return answer.json()
        return None

    def _check(self, body: Any, schema: dict[str, Any]) -> None:
        whole = _as_json_schema({**schema, "components": self._schema["components"]})
        errors = sorted(Draft202012Validator(whole).iter_errors(body), key=lambda error: list(error.path))
        assert not errors, [f"{list(error.path)}: {error.message}" for error in errors[:5]]


def _as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` where JSON Schema lists a type."""
    if isinstance(schema, list):
        return [_as_json_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _as_json_schema(part) for name, part in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
