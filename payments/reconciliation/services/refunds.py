"""Refunds that are under way: asked about where the gateway has them, sent again where it has not."""

from payments.reconciliation.services.orders import settle_refunds_of
from payments.reconciliation.services.passes import Pass
from payments.refunds.models import RefundRequest
from payments.refunds.services import refund_surplus, send_refund, surplus_attempt_ids
from payments.refunds.services.sending import UNDER_WAY


def ask_about_refunds(run: Pass) -> None:
    """Give back what was paid twice and has no refund yet; then ask about all that are under way."""
    for attempt_id in surplus_attempt_ids(most=run.most):
        with run.alone(f"attempt:{attempt_id}"):
            if (refund := refund_surplus(attempt_id=attempt_id, at=run.now)) is not None:
                run.mended(f"refund:{refund.pk}", "written for what was paid twice")
    under_way = RefundRequest.objects.filter(status__in=UNDER_WAY, payment__gateway=run.gateway.name)
    for refund in under_way.select_related("attempt").order_by("next_attempt_at", "pk")[: run.most]:
        run.on("refunds", refund, _ask_about_refund)


def _ask_about_refund(run: Pass, refund: RefundRequest) -> None:
    """First ask: a call whose answer was lost shows among the payment's refunds. Send it only where it doesn't.

    The sender's own claim and back-off hold here too, so that two never carry one refund at once.
    """
    settle_refunds_of(run, run.gateway.payment(refund.attempt.razorpay_payment_id))
    refund.refresh_from_db()
    if refund.status in UNDER_WAY and refund.razorpay_refund_id is None:
        before = refund.status
        after = send_refund(refund_id=refund.pk, now=run.now)
        if after is not None and after != before:
            run.mended(f"refund:{refund.pk}", f"sent again: {after}")
