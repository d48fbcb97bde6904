"""System checks on what is put on invoices: a document that is wrong can't be taken back."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from payments.invoices.states import STATES

#: State, PAN of the holder, number of the registration, "Z", check character.
_GSTIN = re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]", re.ASCII)
#: The columns of an invoice hold two decimals of a percent, and eight digits of the code.
_SAC = re.compile(r"\d{4,8}", re.ASCII)


@register()
def check_invoices(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A rate, a state, a GSTIN or a code that can't be are refused; GST without a registration is warned of."""
    return list(_found())


def _found() -> Iterator[CheckMessage]:
    rate = _rate()
    if rate is None:
        yield Error(
            f"GST_RATE_PERCENT is {settings.GST_RATE_PERCENT!r}; it must be a number from 0 to 100 with two decimals.",
            hint="18 for online courses; 0 for a school that charges none.",
            id="payments.E021",
        )
    if settings.SELLER_STATE and settings.SELLER_STATE not in STATES:
        yield Error(
            f"SELLER_STATE is {settings.SELLER_STATE!r}, which is no GST state code.",
            hint='Two digits: "27" is Maharashtra. Empty: what the GSTIN begins with.',
            id="payments.E020",
        )
    if settings.SELLER_GSTIN and not _is_gstin(settings.SELLER_GSTIN):
        yield Error(
            f"SELLER_GSTIN is {settings.SELLER_GSTIN!r}: not a GSTIN, or one of another state than SELLER_STATE.",
            hint="15 characters, as on the registration certificate.",
            id="payments.E022",
        )
    if not _SAC.fullmatch(settings.INVOICE_SAC):
        yield Error(
            f"INVOICE_SAC is {settings.INVOICE_SAC!r}; it must be 4 to 8 digits.",
            hint="Leave it unset for 999293, commercial training and coaching.",
            id="payments.E023",
        )
    missing = [name for name in ("SELLER_GSTIN", "SELLER_ADDRESS") if not getattr(settings, name)]
    if settings.PRODUCTION and rate and missing:
        yield Warning(
            f"GST is charged, and {' and '.join(missing)} not set: without them a document is no tax invoice.",
            hint="Set them, or GST_RATE_PERCENT=0 for a school that isn't registered.",
            id="payments.W002",
        )


def _rate() -> Decimal | None:
    try:
        rate = Decimal(settings.GST_RATE_PERCENT)
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and 0 <= rate <= 100 and rate == round(rate, 2) else None


def _is_gstin(text: str) -> bool:
    return bool(_GSTIN.fullmatch(text)) and text[:2] in STATES and settings.SELLER_STATE in {"", text[:2]}
