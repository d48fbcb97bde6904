"""Our objects beside Razorpay's own samples: every field of theirs is in ours, with the same type of JSON."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from payments.gateways.razorpay import RazorpayGateway
from payments.gateways.simulator.desk import error_body, shown
from payments.gateways.simulator.wire import answer
from tests.payments.razorpay_server import RazorpayServer

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[4] / "shared" / "data" / "pay-razorpay-mocks" / "mocks"
MOCKS = Path(os.environ.get("RAZORPAY_MOCKS", BESIDE_THE_CHECKOUT))
pytestmark = pytest.mark.skipif(not MOCKS.is_dir(), reason="Razorpay's samples are not there: set RAZORPAY_MOCKS")
#: In samples of 2014 to 2016, and in no document of today: ``service_tax`` became ``tax``, ``udf`` is gone.
OUTDATED = {"udf", "service_tax"}


def mock(name: str) -> Any:
    return json.loads((MOCKS / f"{name}.json").read_text())


def differences(theirs: Any, ours: Any, path: str = "") -> list[str]:
    """Name every field of ``theirs`` that ``ours`` lacks or holds another type in; null stands for any type."""
    if theirs is None or ours is None or path.endswith("notes"):
        return []
    if type(theirs) is not type(ours):
        return [f"{path}: {type(theirs).__name__}, ours {type(ours).__name__}"]
    if isinstance(theirs, list):
        return [found for one in theirs[:1] for found in differences(one, ours[0] if ours else None, f"{path}[]")]
    if not isinstance(theirs, dict):
        return []
    missing = [f"{path}.{name}: missing" for name in sorted(theirs.keys() - ours.keys() - OUTDATED)]
    return missing + [
        found
        for name in theirs.keys() & ours.keys()
        for found in differences(theirs[name], ours[name], f"{path}.{name}")
    ]


@pytest.fixture
def lived(server: RazorpayServer, razorpay: RazorpayGateway) -> RazorpayServer:
    """Return a server that has seen everything: orders, refunds, a dispute, a subscription to its end."""
    for outcome in ("failure", "authorize", "success"):
        order = razorpay.create_order(amount_paise=49_900, currency="INR", receipt=outcome, notes={"a": "b"})
        server.pay(order.id, outcome=outcome)
    paid = razorpay.payments_of_order(order.id)[0]
    razorpay.refund(paid.id, amount_paise=100, idempotency_key="refund-0001", receipt="r", notes={"a": "b"})
    server.open_dispute(paid.id)
    plan = razorpay.create_plan(period="monthly", interval=2, name="P", amount_paise=20_000, currency="INR", notes={})
    made = razorpay.create_subscription(plan_id=plan.id, total_count=6, notes={})
    server.pay_subscription(made.id)
    razorpay.cancel_subscription(made.id, at_cycle_end=False)
    return server


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fake_order", "order"),
        ("fake_payment", "payment"),
        ("fake_captured_payment", "payment"),
        ("fake_refund", "refund"),
        ("fake_plan", "plan"),
        ("fake_subscription", "subscription"),
        ("fake_subscription_cancelled", "subscription"),
        ("fake_subscription_paused", "subscription"),
        ("fake_subscription_resumed", "subscription"),
        ("fake_invoice", "invoice"),
        ("dispute", "dispute"),
    ],
)
def test_every_field_of_an_object(lived: RazorpayServer, name: str, kind: str) -> None:
    assert differences(mock(name), shown(lived.store.listed(kind)[0])) == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("order_collection", "/v1/orders"),
        ("payment_collection", "/v1/payments"),
        ("refund_collection", "/v1/refunds"),
        ("invoice_collection", "/v1/invoices"),
    ],
)
def test_every_field_of_a_list(lived: RazorpayServer, name: str, path: str) -> None:
    status, ours = answer(lived.desk, "GET", path, query={}, headers={}, body=b"")
    assert status == 200
    assert ours["items"]
    assert differences(mock(name), ours) == []


def test_every_field_of_an_event(lived: RazorpayServer) -> None:
    _, body = lived.event("payment.captured")
    assert differences(mock("fake_payment_authorized_webhook"), json.loads(body)) == []


def test_every_field_of_a_refusal() -> None:
    assert differences(mock("bad_request_error"), error_body("BAD_REQUEST_ERROR", "The amount is invalid")) == []


def test_a_missing_field_and_another_type_are_noticed() -> None:
    assert differences({"a": 1, "b": {"c": "x"}}, {"b": {"c": 1}}) == [".a: missing", ".b.c: str, ours int"]
