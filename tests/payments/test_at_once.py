"""Checkout's answer, webhooks and order retries for one order, all at once and round after round.

On PostgreSQL two server processes share the work, 32 requests at a time; on SQLite one process, eight at a time. Of
each round: one captured payment, one active enrolment, one invoice, and no answer of 500 or above.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import CustomUser
from courses.models import Course, Enrollment
from payments.models import GatewayPayment, Invoice, LedgerEntry, Payment, RefundRequest
from payments.orders.services import create_order
from payments.reconciliation.audit import contradictions
from tests.crowd import MOST_ROUNDS
from tests.factories.people import person, token_for
from tests.flows.platform import ROOT
from tests.guards import without
from tests.payments.at_once import Request
from tests.payments.factories import paid_course
from tests.payments.processes import environment_on
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = 20
AT_ONCE = 32


class Servers:
    """Server processes; a round is divided among them."""

    def __init__(self, processes: "list[subprocess.Popen[str]]") -> None:
        self._processes = processes

    def answer(self, requests: list[Request]) -> list[int]:
        """Send all at once; returns the statuses."""
        for number, process in enumerate(self._processes):
            assert process.stdin
            process.stdin.write(json.dumps(requests[number :: len(self._processes)]) + "\n")
            process.stdin.flush()
        return [status for process in self._processes for status in _read(process)]


def _read(process: "subprocess.Popen[str]") -> Any:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a server process ended")
    return json.loads(line)


@contextmanager
def servers(razorpay: RazorpayServer, *, without: str = "") -> Iterator[Servers]:
    number, threads = (2, AT_ONCE // 2) if connection.vendor == "postgresql" else (1, 8)
    with ExitStack() as running:
        processes = []
        for _ in range(number):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.payments.at_once", str(threads), without],
                cwd=ROOT,
                env=environment_on(razorpay),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            running.enter_context(process)
            running.callback(process.kill)
            processes.append(process)
        assert {_read(process) for process in processes} == {"ready"}
        yield Servers(processes)


@pytest.fixture
def razorpay(settings: Any) -> Iterator[RazorpayServer]:
    with RazorpayServer() as server:
        settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
        settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.RAZORPAY_BASE_URL = server.url
        yield server


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha)


def order_request(buyer: CustomUser, course: Course) -> Request:
    return {
        "path": "/api/payments/create_order/",
        "body": json.dumps({"course_id": course.pk}),
        "headers": {"Authorization": f"Bearer {token_for(buyer)}"},
    }


def round_of_requests(buyer: CustomUser, course: Course, razorpay: RazorpayServer) -> list[Request]:
    """Order and pay; returns 32 requests: each webhook three times, and as many verifies and retries as are left."""
    seen = len(razorpay.events)
    paid = razorpay.pay(str(create_order(user=buyer, course_id=course.pk).payment.razorpay_order_id))
    hooks = [
        {
            "path": "/api/payments/webhooks/razorpay/",
            "body": body.decode(),
            "headers": {"X-Razorpay-Signature": razorpay.signature(body), "X-Razorpay-Event-Id": event_id},
        }
        for event_id, body in razorpay.events[seen:]
    ] * 3
    retry = order_request(buyer, course)
    checkout = {name: paid[name] for name in ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")}
    verify = {**retry, "path": "/api/payments/verify_payment/", "body": json.dumps(checkout)}
    left = AT_ONCE - len(hooks)
    requests = [*hooks, *[verify] * (left // 2), *[retry] * (left - left // 2)]
    random.shuffle(requests)
    return requests


def assert_bought_once(buyer: CustomUser, course: Course, number: int, statuses: list[int]) -> None:
    assert len(statuses) == AT_ONCE
    assert max(statuses) < 500
    payment = Payment.objects.get(user=buyer)
    assert payment.status == "captured"
    assert list(GatewayPayment.objects.filter(payment=payment).values_list("role", flat=True)) == ["winning"]
    assert Enrollment.objects.get(user=buyer, course=course).is_active
    assert Invoice.objects.get(payment=payment).sequence == number
    assert set(LedgerEntry.objects.filter(payment=payment).values_list("posting", flat=True)) == {
        f"capture:{payment.pk}"
    }
    assert not RefundRequest.objects.exists()


def play_rounds(rounds: int, course: Course, razorpay: RazorpayServer, *, without: str = "") -> None:
    with servers(razorpay, without=without) as platform:
        for number in range(1, rounds + 1):
            buyer = person(f"learner{number}")
            statuses = platform.answer(round_of_requests(buyer, course, razorpay))
            assert_bought_once(buyer, course, number, statuses)


def test_verifies_webhooks_and_retries_at_once_buy_once(course: Course, razorpay: RazorpayServer) -> None:
    play_rounds(ROUNDS, course, razorpay)
    assert contradictions() == []


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_recognising_attempts_one_payment_is_taken_for_several(
    course: Course, razorpay: RazorpayServer
) -> None:
    with pytest.raises((AssertionError, GatewayPayment.MultipleObjectsReturned)):
        play_rounds(3, course, razorpay, without="attempts")


def first_orders_at_once(rounds: int, course: Course, razorpay: RazorpayServer) -> None:
    """Nobody has an order yet, and everybody taps the button: one row and one order at the gateway each."""
    with servers(razorpay) as platform:
        for number in range(1, rounds + 1):
            buyer = person(f"learner{number}")
            statuses = platform.answer([order_request(buyer, course)] * AT_ONCE)
            assert sorted(statuses) == [200] * (AT_ONCE - 1) + [201]
            payment = Payment.objects.get(user=buyer)
            assert [one["id"] for one in razorpay.store.listed("order")[:1]] == [payment.razorpay_order_id]
            assert len(razorpay.store.listed("order")) == number


def test_first_orders_at_once_are_one_order(course: Course, razorpay: RazorpayServer) -> None:
    first_orders_at_once(5, course, razorpay)


def test_without_the_constraint_there_are_several(course: Course, razorpay: RazorpayServer) -> None:
    with without(Payment, "one_open_order_per_course"), pytest.raises(AssertionError):
        first_orders_at_once(MOST_ROUNDS, course, razorpay)
