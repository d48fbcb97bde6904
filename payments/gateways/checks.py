"""System checks of the gateway: money is not taken with half a key, an empty secret, or over plain HTTP."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def check_gateway(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With a key, everything that belongs to it; without one, a warning in production that nobody pays."""
    if settings.RAZORPAY_KEY_ID:
        return list(_missing_for_razorpay())
    if not settings.PRODUCTION:
        return []
    return [
        Warning(
            "RAZORPAY_KEY_ID is not set: the sandbox gives courses away for play money.",
            hint="Set RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET and RAZORPAY_WEBHOOK_SECRET before you sell.",
            id="payments.W001",
        )
    ]


def _missing_for_razorpay() -> Iterator[CheckMessage]:
    if not settings.RAZORPAY_KEY_SECRET.strip():
        yield Error("RAZORPAY_KEY_ID is set without its secret.", hint="Set RAZORPAY_KEY_SECRET.", id="payments.E001")
    if not settings.RAZORPAY_WEBHOOK_SECRET.strip():
        yield Error(
            "RAZORPAY_WEBHOOK_SECRET is empty: every webhook would be refused.",
            hint="Set it to the secret that the webhook has in Razorpay's dashboard; it is not the key's secret.",
            id="payments.E002",
        )
    if settings.RAZORPAY_KEY_ID.startswith("rzp_live_") and not settings.RAZORPAY_BASE_URL.startswith("https://"):
        yield Error(
            "RAZORPAY_BASE_URL is not https: the live key would travel in the open.",
            hint="Leave it unset, or give an https address.",
            id="payments.E003",
        )
