"""The documented API over HTTP: which address does what, and how answers and refusals look."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from payments.gateways.simulator import orders, refunds, subscriptions
from payments.gateways.simulator.desk import Body, Desk, Entity, WireError, error_body, shown

#: The header that makes a refund safe to repeat; headers are looked up in lower case.
REFUND_KEY = "x-refund-idempotency"
_MOST_LISTED = 100
_LISTED_UNASKED = 10

Query = Mapping[str, str]
Headers = Mapping[str, str]
Route = Callable[[Desk, str, Body, Headers], Entity]


def answer(
    desk: Desk, method: str, path: str, *, query: Query, headers: Headers, body: bytes
) -> tuple[int, dict[str, Any]]:
    """Carry out one call and return its status and body. Who may call is the caller's to check.

    Operations check before they write, so that a refusal leaves nothing behind.
    """
    try:
        for its_method, pattern, route in _ROUTES:
            match = pattern.fullmatch(path)
            if match and its_method == method:
                object_id = match.groupdict().get("id", "")
                given = query if method == "GET" else _read(body)
                return 200, shown(route(desk, object_id, given, headers))
    except WireError as error:
        return error.status, error.body()
    return 400, error_body("BAD_REQUEST_ERROR", "The requested URL was not found on the server.")


def _read(body: bytes) -> Body:
    try:
        read = json.loads(body or b"{}")
    except ValueError as error:
        raise WireError("The request body is not valid JSON.") from error
    if not isinstance(read, dict):
        raise WireError("The request body must be an object.")
    return read


def _collection(entities: list[Entity], query: Body) -> Entity:
    """Return a page: ten unless asked, a hundred at most, newest first."""
    for name in ("from", "to"):
        if name in query:
            limit = _number(query, name, 0)
            entities = [
                e for e in entities if (e["created_at"] >= limit if name == "from" else e["created_at"] <= limit)
            ]
    skip, count = _number(query, "skip", 0), _number(query, "count", _LISTED_UNASKED)
    if count > _MOST_LISTED:
        raise WireError("The count may not be greater than 100.", field="count")
    items = [shown(entity) for entity in entities[skip : skip + count]]
    return {"entity": "collection", "count": len(items), "items": items}


def _number(query: Body, name: str, default: int) -> int:
    value = str(query.get(name, default))
    if not value.isascii() or not value.isdigit():
        raise WireError(f"The {name} must be an integer.", field=name)
    return int(value)


def _list_orders(desk: Desk, object_id: str, query: Body, headers: Headers) -> Entity:
    found = desk.store.listed("order", label=query.get("receipt"))
    if "authorized" in query:
        wanted = query["authorized"] == "1"
        found = [order for order in found if _has_authorized(desk, order) is wanted]
    return _collection(found, query)


def _has_authorized(desk: Desk, order: Entity) -> bool:
    attempts = desk.store.listed("payment", parent=order["id"])
    return any(payment["status"] in ("authorized", "captured", "refunded") for payment in attempts)


def _list_payments_of_order(desk: Desk, order_id: str, query: Body, headers: Headers) -> Entity:
    desk.found("order", order_id)
    return _collection(desk.store.listed("payment", parent=order_id), query)


def _list_refunds_of_payment(desk: Desk, payment_id: str, query: Body, headers: Headers) -> Entity:
    desk.found("payment", payment_id)
    return _collection(desk.store.listed("refund", parent=payment_id), query)


def _list_invoices(desk: Desk, object_id: str, query: Body, headers: Headers) -> Entity:
    return _collection(desk.store.listed("invoice", parent=query.get("subscription_id")), query)


def _refund(desk: Desk, payment_id: str, body: Body, headers: Headers) -> Entity:
    return refunds.create_refund(desk, payment_id, body, key=headers.get(REFUND_KEY))


def _fetch(kind: str) -> Route:
    return lambda desk, object_id, query, headers: desk.found(kind, object_id)


def _list(kind: str) -> Route:
    return lambda desk, object_id, query, headers: _collection(desk.store.listed(kind), query)


def _make(create: Callable[[Desk, Body], Entity]) -> Route:
    return lambda desk, object_id, body, headers: create(desk, body)


def _do(change: Callable[[Desk, str, Body], Entity]) -> Route:
    return lambda desk, object_id, body, headers: change(desk, object_id, body)


def _at(path: str) -> re.Pattern[str]:
    return re.compile("/v1/" + path.replace("{id}", r"(?P<id>[A-Za-z0-9_]+)"))


_ROUTES: list[tuple[str, re.Pattern[str], Route]] = [
    ("POST", _at("orders"), _make(orders.create_order)),
    ("GET", _at("orders"), _list_orders),
    ("GET", _at("orders/{id}"), _fetch("order")),
    ("GET", _at("orders/{id}/payments"), _list_payments_of_order),
    ("GET", _at("payments"), _list("payment")),
    ("GET", _at("payments/{id}"), _fetch("payment")),
    ("POST", _at("payments/{id}/capture"), _do(orders.capture)),
    ("POST", _at("payments/{id}/refund"), _refund),
    ("GET", _at("payments/{id}/refunds"), _list_refunds_of_payment),
    ("GET", _at("refunds"), _list("refund")),
    ("GET", _at("refunds/{id}"), _fetch("refund")),
    ("POST", _at("plans"), _make(subscriptions.create_plan)),
    ("GET", _at("plans/{id}"), _fetch("plan")),
    ("POST", _at("subscriptions"), _make(subscriptions.create_subscription)),
    ("GET", _at("subscriptions/{id}"), _fetch("subscription")),
    ("PATCH", _at("subscriptions/{id}"), _do(subscriptions.update_subscription)),
    ("POST", _at("subscriptions/{id}/cancel"), _do(subscriptions.cancel_subscription)),
    ("POST", _at("subscriptions/{id}/pause"), _do(subscriptions.pause_subscription)),
    ("POST", _at("subscriptions/{id}/resume"), _do(subscriptions.resume_subscription)),
    ("GET", _at("invoices"), _list_invoices),
]
