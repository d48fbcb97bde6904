"""Razorpay beside us, and somebody's order."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import CustomUser
from courses.models import Course
from payments.models import Payment
from tests.payments.factories import paid_course
from tests.payments.razorpay_server import ACCOUNT_ID, KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer
from tests.payments.webhooks.told import order_at


@pytest.fixture
def razorpay(settings: Any) -> Iterator[RazorpayServer]:
    """Razorpay, as the app then uses it."""
    with RazorpayServer(refunds_wait=True) as server:
        settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
        settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.RAZORPAY_BASE_URL = server.url
        settings.RAZORPAY_ACCOUNT_ID = ACCOUNT_ID
        yield server


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha)


@pytest.fixture
def order(razorpay: RazorpayServer, bilal: CustomUser, course: Course) -> Payment:
    """Bilal's order of Asha's course, which Razorpay knows."""
    return order_at(razorpay, bilal, course)
