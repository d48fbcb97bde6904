"""The ledger: each movement of money as a posting whose entries sum to zero, written once.

A posting is named after what caused it. The constraint on that name decides: whoever comes again
writes nothing. Debit is positive, credit negative; see ``LedgerEntry`` for the accounts.
"""

from collections.abc import Mapping
from datetime import datetime

from payments.invoices.models import LedgerEntry

_Account = LedgerEntry.Account


class Unbalanced(ValueError):
    """What one account gains, no other gives."""


def post_capture(*, payment_id: int, amount_paise: int, tax_paise: int, at: datetime) -> None:
    """A payment came in: the gateway holds it, it was earned, and its GST is owed."""
    amounts = {
        _Account.GATEWAY: amount_paise,
        _Account.REVENUE: tax_paise - amount_paise,
        _Account.GST: -tax_paise,
    }
    post(posting=f"capture:{payment_id}", payment_id=payment_id, amounts=amounts, at=at)


def post_refund(*, refund_id: int, payment_id: int, amount_paise: int, tax_paise: int, at: datetime) -> None:
    """A part of a payment, or all of it, went back; ``tax_paise`` is the tax on the refund's credit note."""
    amounts = {
        _Account.GATEWAY: -amount_paise,
        _Account.REVENUE: amount_paise - tax_paise,
        _Account.GST: tax_paise,
    }
    post(posting=f"refund:{refund_id}", payment_id=payment_id, amounts=amounts, at=at)


def post_surplus(*, attempt_id: int, payment_id: int, amount_paise: int, at: datetime) -> None:
    """Something was paid twice: the gateway holds it, and it is owed back."""
    amounts = {_Account.GATEWAY: amount_paise, _Account.SURPLUS: -amount_paise}
    post(posting=f"surplus:{attempt_id}", payment_id=payment_id, amounts=amounts, at=at)


def post_surplus_refund(*, refund_id: int, payment_id: int, amount_paise: int, at: datetime) -> None:
    """What was paid twice went back."""
    amounts = {_Account.GATEWAY: -amount_paise, _Account.SURPLUS: amount_paise}
    post(posting=f"surplus_refund:{refund_id}", payment_id=payment_id, amounts=amounts, at=at)


def post(*, posting: str, payment_id: int, amounts: Mapping[LedgerEntry.Account, int], at: datetime) -> None:
    """Write one posting, in one statement; where it stands already, or moves nothing, write nothing.

    Refuses with ``Unbalanced``. What caused a posting never changes, so one that comes again is the same.
    """
    if sum(amounts.values()) != 0:
        raise Unbalanced(posting)
    entries = [
        LedgerEntry(posting=posting, account=account, amount_paise=amount, payment_id=payment_id, at=at)
        for account, amount in amounts.items()
        if amount
    ]
    LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)
