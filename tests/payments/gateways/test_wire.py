"""The stand-in refuses what Razorpay refuses, and plays its faults: else a test against it would prove little."""

import hashlib
import hmac
import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from django.conf import settings

from tests.core.stand_ins import free_port
from tests.payments.inbox import Inbox
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, RazorpayServer

ORDER = {"amount": 49_900, "currency": "INR", "receipt": "r-1"}


def call(server: RazorpayServer, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    answer = httpx.request(method, server.url + path, json=body, headers=headers, auth=(KEY_ID, KEY_SECRET))
    return answer.status_code, answer.json()


def paid(server: RazorpayServer) -> tuple[str, str]:
    order_id = call(server, "POST", "/v1/orders", ORDER)[1]["id"]
    return order_id, server.pay(order_id)["razorpay_payment_id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/nothing", None),
        ("DELETE", "/v1/orders", None),
        ("POST", "/v1/orders", {"amount": 99, "currency": "INR"}),
        ("POST", "/v1/orders", {"amount": 499.5, "currency": "INR"}),
        ("POST", "/v1/orders", {"amount": 49_900}),
        ("POST", "/v1/orders", {"amount": 49_900, "currency": "inr"}),
        ("POST", "/v1/orders", ORDER | {"receipt": "r" * 41}),
        ("POST", "/v1/orders", ORDER | {"idempotency_key": "x"}),
        ("POST", "/v1/orders", ORDER | {"notes": {str(number): "x" for number in range(16)}}),
        ("POST", "/v1/orders", ["amount"]),
        ("GET", "/v1/orders?count=101", None),
        ("GET", "/v1/orders?count=many", None),
        ("POST", "/v1/plans", {"period": "hourly", "interval": 1, "item": {}}),
        ("POST", "/v1/plans", {"period": "daily", "interval": 6, "item": {"name": "x", **ORDER}}),
        ("POST", "/v1/subscriptions", {"plan_id": "plan_none", "total_count": 1}),
    ],
)
def test_a_bad_call_is_refused_in_razorpays_words(server: RazorpayServer, method: str, path: str, body: Any) -> None:
    status, answered = call(server, method, path, body)
    assert (status, answered["error"]["code"]) == (400, "BAD_REQUEST_ERROR")
    assert server.events == []


def test_nobody_comes_in_without_the_key(server: RazorpayServer) -> None:
    for auth in (None, (KEY_ID, "wrong"), ("rzp_test_other", KEY_SECRET)):
        assert httpx.get(f"{server.url}/v1/orders", auth=auth).status_code == 401


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"amount": 100, "speed": "fast"}, "refund-0001"),
        ({"amount": 100, "idempotency_key": "refund-0001"}, "refund-0001"),
        ({"amount": 49_901}, "refund-0001"),
        ({"amount": 100}, "too-short"),
        ({"amount": 100}, "with a space"),
    ],
)
def test_a_bad_refund_is_refused(server: RazorpayServer, body: dict[str, Any], key: str) -> None:
    _, payment_id = paid(server)
    status, _ = call(server, "POST", f"/v1/payments/{payment_id}/refund", body, **{"X-Refund-Idempotency": key})
    assert status == 400
    assert server.store.listed("refund") == []


def test_a_refund_key_that_comes_with_another_body_is_a_conflict(server: RazorpayServer) -> None:
    _, payment_id = paid(server)
    key = {"X-Refund-Idempotency": "refund-0001"}
    assert call(server, "POST", f"/v1/payments/{payment_id}/refund", {"amount": 100}, **key)[0] == 200
    status, answered = call(server, "POST", f"/v1/payments/{payment_id}/refund", {"amount": 200}, **key)
    assert (status, answered["error"]["code"]) == (409, "BAD_REQUEST_ERROR")


def test_a_payment_that_was_not_captured_is_not_refunded(server: RazorpayServer) -> None:
    order_id = call(server, "POST", "/v1/orders", ORDER)[1]["id"]
    for outcome in ("failure", "authorize"):
        payment = server.pay(order_id, outcome=outcome)["razorpay_payment_id"]
        assert call(server, "POST", f"/v1/payments/{payment}/refund", {"amount": 100})[0] == 400


def test_an_order_goes_from_created_over_attempted_to_paid_and_lists_itself(server: RazorpayServer) -> None:
    order_id = call(server, "POST", "/v1/orders", ORDER)[1]["id"]
    assert call(server, "GET", f"/v1/orders/{order_id}")[1]["status"] == "created"
    server.pay(order_id, outcome="failure")
    assert call(server, "GET", f"/v1/orders/{order_id}")[1]["status"] == "attempted"
    assert call(server, "GET", "/v1/orders?authorized=1")[1]["count"] == 0
    server.pay(order_id)
    order = call(server, "GET", f"/v1/orders/{order_id}")[1]
    assert (order["status"], order["attempts"], order["amount_due"], order["notes"]) == ("paid", 2, 0, [])
    assert call(server, "GET", "/v1/orders?authorized=1&receipt=r-1&from=1&count=5")[1]["count"] == 1
    assert call(server, "GET", "/v1/orders?to=1")[1]["count"] == 0
    assert call(server, "GET", "/v1/orders?skip=1")[1]["count"] == 0


def test_what_happens_is_told_in_events(server: RazorpayServer) -> None:
    _, payment_id = paid(server)
    server.refund_at_dashboard(payment_id, amount=100)
    [refund] = server.store.listed("refund")
    server.finish_refund(refund["id"])
    server.finish_refund(refund["id"])
    dispute = server.open_dispute(payment_id)
    server.close_dispute(dispute["id"], outcome="lost")
    told = [json.loads(body) for _, body in server.events]
    assert [event["event"] for event in told] == [
        "payment.authorized",
        "payment.captured",
        "order.paid",
        "refund.created",
        "refund.processed",
        "payment.dispute.created",
        "payment.dispute.lost",
    ]
    assert told[2]["contains"] == ["payment", "order"]
    assert told[4]["payload"]["refund"]["entity"]["status"] == "processed"
    assert told[4]["payload"]["payment"]["entity"]["amount_refunded"] == 100
    assert told[0]["payload"]["payment"]["entity"]["status"] == "authorized"
    assert len({event_id for event_id, _ in server.events}) == 7
    assert not any("_asked" in body.decode() for _, body in server.events)


def test_a_subscriptions_life_is_told_in_events(server: RazorpayServer) -> None:
    plan = {"period": "weekly", "interval": 1, "item": {"name": "P", "amount": 20_000, "currency": "INR"}}
    plan_id = call(server, "POST", "/v1/plans", plan)[1]["id"]
    body = {"plan_id": plan_id, "total_count": 2}
    first, second = (call(server, "POST", "/v1/subscriptions", body)[1]["id"] for _ in range(2))
    server.pay_subscription(first)
    assert call(server, "POST", f"/v1/subscriptions/{first}/pause", {"pause_at": "now"})[1]["status"] == "paused"
    assert call(server, "POST", f"/v1/subscriptions/{first}/resume", {"resume_at": "now"})[1]["status"] == "active"
    server.charge_cycle(first)
    server.pay_subscription(second)
    for _ in range(4):
        server.fail_cycle(second)
    told = [json.loads(sent)["event"] for _, sent in server.events]
    of_subscriptions = [event.removeprefix("subscription.") for event in told if event.startswith("subscription.")]
    assert of_subscriptions == [
        *["authenticated", "activated", "charged", "paused", "resumed", "charged", "completed"],
        *["authenticated", "activated", "charged", "pending", "pending", "pending", "halted"],
    ]
    assert call(server, "GET", f"/v1/subscriptions/{first}")[1]["remaining_count"] == 0


def test_webhooks_are_delivered_signed_doubled_and_shuffled(server: RazorpayServer) -> None:
    with Inbox() as inbox:
        paid(server)
        assert server.deliver(inbox.address, duplicates=3, shuffled=True) == [200] * 9
        assert {(event_id, body) for event_id, body, _ in inbox.taken} == set(server.events)
        assert [event_id for event_id, _, _ in inbox.taken] != [event_id for event_id, _ in server.events] * 3
        assert all(server.signature(body) == signature for _, body, signature in inbox.taken)


def test_a_webhook_that_nobody_takes_is_told_as_such(server: RazorpayServer) -> None:
    paid(server)
    assert server.deliver("http://127.0.0.1:1/") == [0, 0, 0]


def test_with_an_address_webhooks_leave_by_themselves_until_they_are_taken() -> None:
    with Inbox(refusals=2) as inbox, RazorpayServer(webhook=inbox.address) as server:
        paid(server)
        inbox.wait_for(3)
        assert {event_id for event_id, _, _ in inbox.taken} == {event_id for event_id, _ in server.events}


def test_faults_by_chance_follow_the_seed() -> None:
    def statuses(seed: int) -> list[int]:
        with RazorpayServer(faults=[Fault("500", times=None, chance=0.5)], seed=seed) as server:
            return [call(server, "GET", "/v1/orders")[0] for _ in range(20)]

    assert statuses(1) == statuses(1)
    assert set(statuses(1)) == {200, 500}
    assert statuses(1) != statuses(2)


def test_it_runs_by_hand() -> None:
    """As its docstring says: with a webhook, a secret, and a buyer played over HTTP."""
    port, auth = free_port(), (KEY_ID, KEY_SECRET)
    with Inbox() as inbox:
        options = ["--port", str(port), "--webhook", inbox.address, "--secret", "whsec", "--seed", "1"]
        command = [sys.executable, "-m", "tests.payments.razorpay_server", *options]
        with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                address = process.stdout.readline().split()[3].rstrip(",")
                order_id = httpx.post(f"{address}/v1/orders", json=ORDER, auth=auth).json()["id"]
                answer = httpx.post(f"{address}/_buyer/pay", json={"order_id": order_id}).json()
                assert answer["status"] == "captured"
                assert httpx.post(f"{address}/_buyer/pay", json={"order_id": order_id}).status_code == 400
                assert httpx.post(f"{address}/_faults", json={"kind": "html"}).status_code == 200
                assert httpx.get(f"{address}/v1/orders", auth=auth).status_code == 502
                inbox.wait_for(3)
            finally:
                process.terminate()
        for _, body, signature in inbox.taken:
            assert hmac.new(b"whsec", body, hashlib.sha256).hexdigest() == signature
