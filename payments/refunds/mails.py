"""How the mail of refunds is written."""

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.core.money import from_paise
from payments.orders.models import GatewayPayment, Payment
from payments.refunds.models import RefundRequest
from payments.refunds.services.booking import NOTICE


@writes_mail(NOTICE)
def refund_mail(mail: OutgoingMail) -> Letter | None:
    """Tell what went back, and what that ends. To the address that was the buyer's when it was queued."""
    rows = RefundRequest.objects.select_related("payment__user", "attempt", "credit_note")
    refund = rows.filter(pk=mail.context["refund_id"]).first()
    if refund is None:
        return None
    payment = refund.payment
    note = getattr(refund, "credit_note", None)
    facts = {
        "name": payment.user.full_name or payment.user.username,
        "amount": from_paise(refund.amount_paise),
        "currency": payment.currency,
        "description": payment.description,
        "is_surplus": refund.attempt.role == GatewayPayment.Role.SURPLUS,
        "note": note.number if note else "",
        "has_ended": payment.status == Payment.Status.REFUNDED and note is not None,
    }
    return Letter(_("Your refund"), render_to_string("payments/mails/refund.txt", facts))
