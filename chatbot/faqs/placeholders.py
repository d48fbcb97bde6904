"""Values of this school in the answers of frequent questions: ``{refund_days}`` becomes what the settings say."""

import re
from collections.abc import Callable

from django.conf import settings

#: All that an answer may name. A name that is not here stays as it was typed.
VALUES: dict[str, Callable[[], object]] = {
    "refund_days": lambda: settings.REFUND_WINDOW_DAYS,
    "refund_percent": lambda: settings.REFUND_PROGRESS_PERCENT,
    "order_minutes": lambda: settings.PAYMENT_ORDER_MINUTES,
    "grace_days": lambda: settings.SUBSCRIPTION_GRACE_DAYS,
    "tutor_messages": lambda: settings.TUTOR_MESSAGES_A_DAY,
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def filled(text: str) -> str:
    """Return ``text`` with each placeholder replaced by its value."""
    return _PLACEHOLDER.sub(lambda match: str(VALUES[match[1]]()) if match[1] in VALUES else match[0], text)
