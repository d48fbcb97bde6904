"""Carrying a refund to the gateway: claimed by a row, called outside transactions, settled by the one function.

The key that goes with each call was written with the row. So an answer that was lost is asked for again and
names the same refund.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from e_learning.core.api.errors import Unavailable
from e_learning.core.back_off import pause_after
from payments.gateways import gateway
from payments.gateways.base import Gateway, GatewayRefused, RefundSnapshot
from payments.orders.models import GatewayPayment
from payments.refunds.models import RefundRequest
from payments.refunds.services.reserving import lock_payment, release
from payments.refunds.services.settling import GIVEN_UP, LOOKED_AT, settle_refund

logger = logging.getLogger(__name__)
_Status = RefundRequest.Status
UNDER_WAY = (_Status.APPROVED, _Status.PROCESSING)
#: For so long a claimed refund is its sender's alone; a sender that died leaves it to the sweep.
CLAIM = timedelta(minutes=2)
LONGEST_DELAY = timedelta(hours=1)
_pause_after = partial(pause_after, first=timedelta(seconds=30), longest=LONGEST_DELAY)


def send_refund(*, refund_id: int, now: datetime | None = None) -> RefundRequest.Status | None:
    """Claim the refund and bring it to the gateway; returns its state, None where another has it or it is not due.

    Unreachable, busy, or anything unforeseen: it stays under way and is tried again, from 30 seconds up to an hour
    later. Refused: what the gateway knows of refunds of this payment is settled, and if this one is not among
    it, it has failed and what it reserved is free again.
    """
    now = now or timezone.now()
    claimed = RefundRequest.objects.filter(due(now), pk=refund_id)
    if not claimed.update(status=_Status.PROCESSING, next_attempt_at=now + CLAIM, attempts=F("attempts") + 1):
        return None
    refund = RefundRequest.objects.select_related("attempt", "payment").get(pk=refund_id)
    try:
        _bring(refund, now)
    except Unavailable as error:
        logger.warning("refund %s put off, call %s: %s", refund.pk, refund.attempts, error.code)
        _put_off(refund, now + _pause_after(refund.attempts), last_error=str(error.code))
    except Exception as error:  # whatever it is, money waits for its next try and other refunds for nothing
        logger.exception("refund %s failed to be sent, call %s", refund.pk, refund.attempts)
        _put_off(refund, now + _pause_after(refund.attempts), last_error=f"{type(error).__name__}: {error}")
    return _Status(RefundRequest.objects.values_list("status", flat=True).get(pk=refund.pk))


def _bring(refund: RefundRequest, now: datetime) -> None:
    present = gateway()
    if refund.payment.gateway != present.name:
        _put_off(refund, now + LONGEST_DELAY, last_error=f"paid by {refund.payment.gateway}, which is not set up now")
        return
    if refund.razorpay_refund_id is None:
        try:
            _settle(_call(present, refund), now)
        except GatewayRefused as refusal:
            _refused(present, refund, refusal, now)
    else:  # the gateway has it: its answer to the same key again would be the old one
        _settle_all_known(present, refund, now)
    _put_off(refund, now + LOOKED_AT, last_error="")


def _call(present: Gateway, refund: RefundRequest) -> RefundSnapshot:
    return present.refund(
        refund.attempt.razorpay_payment_id,
        amount_paise=refund.amount_paise,
        idempotency_key=refund.idempotency_key,
        receipt=refund.idempotency_key,
        notes={"refund_request": str(refund.pk)},
    )


def _settle(snapshot: RefundSnapshot, now: datetime) -> None:
    settle_refund(snapshot=snapshot, payment_snapshot=None, at=now)


def _settle_all_known(present: Gateway, refund: RefundRequest, now: datetime) -> None:
    for snapshot in present.refunds_of_payment(refund.attempt.razorpay_payment_id):
        _settle(snapshot, now)


def _refused(present: Gateway, refund: RefundRequest, refusal: GatewayRefused, now: datetime) -> None:
    """It may be refused because it was done before: by a call whose answer was lost, or at the gateway itself.

    Where the gateway refuses even to tell (another key is set, which knows nothing of the payment), that is raised:
    nothing is known to have failed.
    """
    logger.warning("refund %s refused: %s", refund.pk, refusal)
    _settle_all_known(present, refund, now)
    fail_refund(refund_id=refund.pk, error=str(refusal))


@transaction.atomic
def fail_refund(*, refund_id: int, error: str) -> bool:
    """End a refund that the gateway refuses and does not know; says whether this call did it."""
    refund = RefundRequest.objects.select_related("attempt").get(pk=refund_id)
    lock_payment(refund.payment_id)
    unknown = RefundRequest.objects.filter(pk=refund_id, status=_Status.PROCESSING, razorpay_refund_id=None)
    if not unknown.update(status=_Status.FAILED, next_attempt_at=None, last_error=error[:200]):
        return False
    release(refund)
    return True


def _put_off(refund: RefundRequest, until: datetime, *, last_error: str) -> None:
    """Look at it again later, if it is still under way and the claim is still ours."""
    held = RefundRequest.objects.filter(pk=refund.pk, status=_Status.PROCESSING, attempts=refund.attempts)
    held.update(next_attempt_at=until, last_error=last_error[:200])


def due(now: datetime) -> Q:
    return Q(status__in=UNDER_WAY, next_attempt_at__lte=now)


def due_refund_ids(*, now: datetime | None = None, most: int = 200) -> list[int]:
    """Return ids of refunds that should have been brought to the gateway by now, the longest due first."""
    waiting = RefundRequest.objects.filter(due(now or timezone.now()))
    return list(waiting.order_by("next_attempt_at", "id").values_list("id", flat=True)[:most])


def surplus_attempt_ids(*, most: int = 200) -> list[int]:
    """Return ids of attempts that were paid twice, have no refund of that origin and have not all gone back."""
    on_its_way = Sum("refunds__amount_paise", filter=~Q(refunds__status__in=GIVEN_UP))
    surplus = GatewayPayment.objects.filter(role=GatewayPayment.Role.SURPLUS)
    waiting = surplus.exclude(refunds__origin=RefundRequest.Origin.SURPLUS).annotate(gone=Coalesce(on_its_way, 0))
    return list(waiting.filter(gone__lt=F("amount_paise")).order_by("id").values_list("id", flat=True)[:most])
