"""Razorpay's wire on this machine, and the adapter that speaks to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from payments.gateways.razorpay import RazorpayGateway
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer


@pytest.fixture
def server() -> Iterator[RazorpayServer]:
    with RazorpayServer() as running:
        yield running


def _gateway(server: RazorpayServer, **patience: Any) -> RazorpayGateway:
    return RazorpayGateway(
        key_id=KEY_ID, key_secret=KEY_SECRET, webhook_secrets=(WEBHOOK_SECRET, ""), base_url=server.url, **patience
    )


@pytest.fixture
def razorpay(server: RazorpayServer) -> RazorpayGateway:
    """Return the adapter with the time-outs of production: a busy machine's pause is no fault of the wire."""
    return _gateway(server)


@pytest.fixture
def impatient(server: RazorpayServer) -> RazorpayGateway:
    """Return the adapter with time-outs that a test can wait for."""
    return _gateway(server, timeouts=(3.0, 1.5), most_seconds=0.6)
