"""How the mail of refunds is written."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.api import settings_of
from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.core.money import from_paise
from payments.orders.models import GatewayPayment, Payment
from payments.refunds.models import RefundRequest
from payments.refunds.services.booking import NOTICE


@writes_mail(NOTICE)
def refund_mail(mail: OutgoingMail) -> Letter | None:
    """In the buyer's language: refunds are told of by webhooks and sweeps, which come in nobody's.

    Nobody gets it whose account was closed meanwhile.
    """
    rows = RefundRequest.objects.select_related("payment__user__settings", "attempt", "credit_note")
    refund = rows.filter(pk=mail.context["refund_id"]).first()
    if refund is None or not refund.payment.user.is_active:
        return None
    with translation.override(settings_of(refund.payment.user).locale):
        return Letter(_("Your refund"), _notice(refund))


def _notice(refund: RefundRequest) -> str:
    payment, note = refund.payment, getattr(refund, "credit_note", None)
    facts = {
        "name": payment.user.full_name or payment.user.username,
        "amount": from_paise(refund.amount_paise),
        "currency": payment.currency,
        "description": payment.description,
        "is_surplus": refund.attempt.role == GatewayPayment.Role.SURPLUS,
        "note": note.number if note else "",
        "has_ended": note is not None and payment.status == Payment.Status.REFUNDED,
    }
    return render_to_string("payments/mails/refund.txt", facts)
