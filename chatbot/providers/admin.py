"""What models were asked, in the back office: every call, and what a day and a model came to."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from chatbot.providers.models import ProviderCall
from e_learning.core.back_office import AdminsOnly, ReadOnly, Totalled

#: The table above the list is of so many days, however many calls there are before.
_DAYS = 31


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnly, AdminsOnly, Totalled):
    list_display = [
        "started_at",
        "purpose",
        "model",
        "outcome",
        "prompt_tokens",
        "completion_tokens",
        "is_estimate",
        "cost",
        "milliseconds",
        "user",
    ]
    list_filter = ["outcome", "purpose", "provider", "model", "is_estimate"]
    list_select_related = ["user"]
    search_fields = ["model", "user__email"]
    date_hierarchy = "started_at"
    totals_of = [_("day"), _("model"), _("calls"), _("tokens read"), _("tokens written"), _("cost")]

    def totals(self, rows: QuerySet[ProviderCall]) -> list[list[Any]]:
        """Return calls, tokens and cost of the last days by day and model, the latest first."""
        sums: Any = (
            rows.filter(started_at__gte=timezone.now() - timedelta(days=_DAYS))
            .annotate(day=TruncDate("started_at"))
            .values("day", "model")
            .annotate(
                calls=Count("pk"),
                read=Sum("prompt_tokens"),
                written=Sum("completion_tokens"),
                micros=Sum("cost_micros"),
            )
            .order_by("-day", "model")
        )
        return [
            [date_format(row["day"]), row["model"], row["calls"], row["read"], row["written"], _money(row["micros"])]
            for row in sums
        ]

    @admin.display(description=_("cost"), ordering="cost_micros")
    def cost(self, call: ProviderCall) -> str:
        return _money(call.cost_micros)


def _money(micros: int) -> str:
    """Return a cost in the currency of the settings' prices, to a hundredth of a cent."""
    return f"{micros / 1_000_000:.4f}"
