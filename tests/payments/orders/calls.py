"""The calls of orders, as the app makes them."""

from typing import Any

from rest_framework.test import APIClient

from tests.payments.razorpay_server import RazorpayServer

CREATE = "/api/payments/create_order/"
VERIFY = "/api/payments/verify_payment/"
VALIDATE = "/api/payments/coupons/validate/"
PAYMENTS = "/api/payments/payments/"


def ordered(client: APIClient, *, status: int = 201, **body: Any) -> dict[str, Any]:
    """Order, and return the answer's body."""
    answer = client.post(CREATE, body, format="json")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def paid(razorpay: RazorpayServer, order: dict[str, Any], **how: Any) -> dict[str, str]:
    """Pay the order at the gateway's checkout, and return what it gives the app."""
    answer = razorpay.pay(order["razorpay_order_id"], **how)
    answer.pop("status")
    return answer


def refusal(answer: Any) -> tuple[int, str, str | None]:
    """Return status, code and field of a refusal."""
    [error] = answer.json()["errors"]
    return answer.status_code, error["code"], error["attr"]
