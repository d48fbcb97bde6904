"""With no key set: a course is bought at the sandbox's page, and its webhooks alone open it. Over a real server."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.flows.platform import Platform
from tests.flows.schema_client import SchemaClient


def until(ask: Callable[[], Any], is_right: Callable[[Any], bool], *, seconds: float = 40) -> Any:
    """Ask again and again until the answer is right; returns it."""
    deadline = time.monotonic() + seconds
    while not is_right(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    return answer


@pytest.fixture
def learner(platform: Platform) -> SchemaClient:
    joined = SchemaClient(platform.address)
    body = {"email": f"buyer-{time.monotonic_ns()}@demo.school", "password": "quite-a-long-word-7"}
    joined.sign_in(joined.call("accounts_register", body=body, expect=201)["access_token"])
    return joined


@pytest.mark.timeout(200)
def test_a_course_bought_on_the_page_opens_by_webhooks_alone(platform: Platform, learner: SchemaClient) -> None:
    found = learner.call("courses_list", query={"search": "Spoken English"})["results"]
    course = next(course for course in found if course["price"] == "499.00")
    ordered = learner.call("payments_create_order", body={"course_id": course["id"]}, expect=201)
    with httpx.Client(timeout=20) as browser:
        page = browser.get(ordered["checkout_url"])
        assert "499.00 INR" in page.text
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        paid = browser.post(ordered["checkout_url"], data={"csrfmiddlewaretoken": token, "outcome": "success"})
        assert "razorpay_signature" in paid.text

    def payment() -> Any:
        return learner.call("payments_retrieve", id=ordered["payment_id"])

    assert until(payment, lambda found: found["status"] == "captured")["completed_at"]
    page = learner.call("courses_retrieve", id=course["id"])
    assert not any(content["is_locked"] for module in page["modules"] for content in module["contents"])


@pytest.mark.timeout(200)
def test_a_declined_payment_opens_nothing(platform: Platform, learner: SchemaClient) -> None:
    found = learner.call("courses_list", query={"search": "Spoken English"})["results"]
    course = next(course for course in found if course["price"] == "499.00")
    ordered = learner.call("payments_create_order", body={"course_id": course["id"]}, expect=201)
    body = {"razorpay_order_id": ordered["razorpay_order_id"], "outcome": "failure"}
    assert learner.call("sandbox_pay", body=body)["razorpay_signature"] == ""

    def payment() -> Any:
        return learner.call("payments_retrieve", id=ordered["payment_id"])

    assert until(payment, lambda found: found["status"] == "failed")["completed_at"] is None
    page = learner.call("courses_retrieve", id=course["id"])
    assert any(content["is_locked"] for module in page["modules"] for content in module["contents"])
