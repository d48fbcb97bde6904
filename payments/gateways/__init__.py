"""Who is asked for money: Razorpay, or the sandbox that stands in for it."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from payments.gateways.base import Gateway


def gateway() -> "Gateway":
    """Return the gateway that the settings choose: Razorpay where a key is set, the sandbox without one.

    Made anew for each caller: it holds nothing but keys, and settings may differ between tests.
    """
    # Late: the sandbox keeps rows, and this package is also read while the tables are still being gathered.
    if settings.RAZORPAY_KEY_ID:
        from payments.gateways.razorpay import RazorpayGateway

        return RazorpayGateway.from_settings()
    from payments.gateways.sandbox import SandboxGateway

    return SandboxGateway.from_settings()
