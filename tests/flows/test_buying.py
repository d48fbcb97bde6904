"""A course bought, learnt from and given back, over a real server: with the sandbox, and over Razorpay's own wire."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.core.stand_ins import free_port
from tests.flows.platform import Platform, running_platform
from tests.flows.schema_client import SchemaClient
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer

pytestmark = pytest.mark.timeout(240)
#: What checkout returns once the buyer has paid the order with this id.
Checkout = Callable[[SchemaClient, str], dict[str, Any]]
ACCOUNT = {"email": "buyer@demo.school", "password": "quite-a-long-word-7", "full_name": "बिलाल Learner"}


def until(asked: Callable[[], Any], *, seconds: float = 40) -> Any:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while not (answer := asked()):
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.2)
    return answer


class Staff:
    """Somebody with a browser in the back office."""

    def __init__(self, platform: Platform) -> None:
        self._http = httpx.Client(base_url=platform.address, timeout=20, follow_redirects=True)
        password = platform.manage("seed_demo").split("Demo password: ")[1].split()[0]
        page = self._send("/admin/login/", {"username": "admin@demo.school", "password": password, "next": "/admin/"})
        assert "/admin/login/" not in str(page.url)

    def approve(self, refund_id: int) -> None:
        path = f"/admin/payments/refundrequest/{refund_id}/change/"
        button = re.search(r'name="([^"]+)"[^>]*>\s*Approve', self._http.get(path).text)
        assert button, "nothing to press"
        assert self._send(path, {"admin_notes": "As promised", button[1]: "1"}).status_code == 200

    def _send(self, path: str, fields: dict[str, str]) -> httpx.Response:
        page = self._http.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text[:500]
        return self._http.post(
            path, data={**fields, "csrfmiddlewaretoken": token[1]}, headers={"Referer": str(page.url)}
        )


def document_of(platform: Platform, client: SchemaClient, payment_id: int, query: str = "") -> httpx.Response:
    return httpx.get(
        f"{platform.address}/api/payments/payments/{payment_id}/invoice/{query}", headers=client.headers, timeout=20
    )


def buys_learns_and_gives_it_back(platform: Platform, pay: Checkout) -> None:
    buyer = SchemaClient(platform.address)
    buyer.sign_in(buyer.call("accounts_register", body=ACCOUNT, expect=201)["access_token"])
    course_id = buyer.call("courses_list", query={"search": "spoken english"})["results"][0]["id"]
    page = buyer.call("courses_retrieve", id=course_id)
    locked = next(c["id"] for module in page["modules"] for c in module["contents"] if c["is_locked"])
    assert buyer.call("courses_enroll", id=course_id, expect=402)["price"] == "499.00"

    order = again(lambda: buyer.answer("payments_create_order", body={"course_id": course_id}))
    assert (order["amount"], order["amount_paise"], order["tax"]) == ("499.00", 49900, "76.12")
    checkout = pay(buyer, order["razorpay_order_id"])
    paid = again(lambda: buyer.answer("payments_verify", body=checkout))
    assert (paid["status"], paid["course_id"]) == ("captured", course_id)
    assert buyer.call("payments_verify", body=checkout) == paid
    buyer.call("contents_retrieve", id=locked)
    assert document_of(platform, buyer, paid["payment_id"]).content.startswith(b"%PDF-")

    asked = {"payment_id": paid["payment_id"], "reason": "Not for me"}
    refund = buyer.call("refunds_create", body=asked, expect=201)
    assert (refund["status"], refund["amount"]) == ("requested", "499.00")
    Staff(platform).approve(refund["id"])
    until(lambda: buyer.call("refunds_list")["results"][0]["status"] == "processed")
    buyer.call("contents_retrieve", id=locked, expect=403)
    assert buyer.call("courses_retrieve", id=course_id)["my"]["is_enrolled"] is False
    after = buyer.call("payments_retrieve", id=paid["payment_id"])
    assert (after["status"], after["refunded_amount"]) == ("refunded", "499.00")
    credit_note = document_of(platform, buyer, paid["payment_id"], f"?credit_note={refund['id']}")
    assert "CN-" in credit_note.headers["Content-Disposition"]
    assert credit_note.content.startswith(b"%PDF-")
    assert '"contradictions": []' in platform.manage("reconcile_payments", "--json")


def again(call: Callable[[], httpx.Response]) -> Any:
    """Do as an app does whose server says that the gateway does not answer: the same call again, a little later."""
    return until(lambda: answer.json() if (answer := call()).status_code < 300 else _only_unreachable(answer))


def _only_unreachable(answer: httpx.Response) -> None:
    assert answer.status_code in {409, 503}, answer.text
    assert answer.headers["Retry-After"], answer.text


def test_with_no_key_the_sandbox_sells_and_takes_back(platform: Platform) -> None:
    buys_learns_and_gives_it_back(
        platform, lambda buyer, order_id: buyer.call("sandbox_pay", body={"razorpay_order_id": order_id})
    )


def test_over_the_documented_wire_on_a_bad_day() -> None:
    """Answers are lost, late, broken or never come; webhooks come three times and in any order."""
    faults = [
        Fault("drop_after", "POST /v1/orders"),
        Fault("500", "GET /v1/orders"),
        Fault("html", "GET /v1/payments"),
        Fault("delay", "GET /v1/payments", seconds=1.0),
        Fault("drop_after", "/refund"),
        Fault("hang", "/refund", seconds=4.0),
    ]
    port = str(free_port())
    webhook = f"http://127.0.0.1:{port}/api/payments/webhooks/razorpay/"
    with (
        RazorpayServer(webhook=webhook, faults=faults) as razorpay,
        running_platform(
            PORT=port,
            RAZORPAY_BASE_URL=razorpay.url,
            RAZORPAY_KEY_ID=KEY_ID,
            RAZORPAY_KEY_SECRET=KEY_SECRET,
            RAZORPAY_WEBHOOK_SECRET=WEBHOOK_SECRET,
            RAZORPAY_TIMEOUT_SECONDS="2",
        ) as platform,
    ):

        def pay(_buyer: SchemaClient, order_id: str) -> dict[str, Any]:
            checkout = razorpay.pay(order_id)
            assert set(razorpay.deliver(duplicates=3, shuffled=True)) == {200}
            checkout.pop("status")
            return checkout

        buys_learns_and_gives_it_back(platform, pay)
        assert len(razorpay.store.listed("order")) == 1
        assert set(razorpay.deliver(duplicates=3, shuffled=True)) == {200}
        assert '"contradictions": []' in platform.manage("reconcile_payments", "--json")
