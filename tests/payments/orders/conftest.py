"""A shop for tests of orders: Razorpay's wire on this machine, Asha's paid course, and Bilal at his device."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import CustomUser
from courses.models import Course
from tests.payments.factories import paid_course
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer


@pytest.fixture
def razorpay(settings: Any) -> Iterator[RazorpayServer]:
    """Razorpay, as the app then uses it."""
    with RazorpayServer() as server:
        settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
        settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.RAZORPAY_TIMEOUT_SECONDS = 10.0  # a crowd on a busy machine is slow, not away
        settings.RAZORPAY_BASE_URL = server.url
        yield server


@pytest.fixture
def course(asha: CustomUser) -> Course:
    """Spoken English, for ₹499.00."""
    return paid_course(asha)
