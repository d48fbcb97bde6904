"""Razorpay stands in for itself: a server of its wire, and our settings pointed at it."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import CustomUser
from courses.models import Course
from tests.payments.factories import paid_course
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer


@pytest.fixture
def razorpay(settings: Any) -> Iterator[RazorpayServer]:
    """A gateway whose webhooks reach nobody: what becomes known is asked for."""
    with RazorpayServer() as server:
        settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
        settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.RAZORPAY_BASE_URL = server.url
        settings.RAZORPAY_TIMEOUT_SECONDS = 5.0
        yield server


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha)
