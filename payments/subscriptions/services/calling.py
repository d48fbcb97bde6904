"""What the calls for a plan and for a subscription at the gateway have in common."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict

#: For so long a claim holds: past the time-outs of the call made under it.
CLAIM = timedelta(seconds=30)


class SubscriptionInProgress(Conflict):
    code = "subscription_in_progress"
    message = _("Your subscription is being made. Try again in a moment.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})
