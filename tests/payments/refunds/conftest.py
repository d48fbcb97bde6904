"""Razorpay beside us, and a course that Bilal bought there."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import CustomUser
from courses.models import Course
from payments.models import Payment
from tests.payments.factories import paid_course
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer
from tests.payments.refunds.paid import bought_at


@pytest.fixture
def razorpay(settings: Any) -> Iterator[RazorpayServer]:
    """Razorpay, as the app then uses it; its refunds stay under way until somebody finishes them."""
    with RazorpayServer(refunds_wait=True) as server:
        settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
        settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.RAZORPAY_BASE_URL = server.url
        settings.RAZORPAY_TIMEOUT_SECONDS = 10.0  # a crowd on a busy machine is slow, not away
        yield server


@pytest.fixture
def bought(razorpay: RazorpayServer, bilal: CustomUser, asha: CustomUser) -> Payment:
    """Bilal's payment for Asha's course, captured, as Razorpay knows it."""
    return bought_at(razorpay, bilal, paid_course(asha))


@pytest.fixture
def course(bought: Payment) -> Course:
    assert bought.course is not None
    return bought.course
