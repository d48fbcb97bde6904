"""How the mail of orders is written: what was paid is found as it is sent."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.api import settings_of
from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.core.money import from_paise
from payments.orders.models import Payment
from payments.orders.services.capturing import RECEIPT


@writes_mail(RECEIPT)
def payment_receipt_mail(mail: OutgoingMail) -> Letter | None:
    """In the buyer's language: captures are told of by webhooks and sweeps, which come in nobody's.

    Nobody gets it whose account was closed meanwhile.
    """
    payment = Payment.objects.select_related("user__settings").filter(pk=mail.context["payment_id"]).first()
    if payment is None or not payment.user.is_active:
        return None
    with translation.override(settings_of(payment.user).locale):
        return Letter(_("Your payment for %(what)s") % {"what": payment.description}, _receipt(payment))


def _receipt(payment: Payment) -> str:
    return render_to_string(
        "payments/mails/payment_receipt.txt",
        {
            "name": payment.user.full_name or payment.user.username,
            "what": payment.description,
            "amount": from_paise(payment.amount_paise),
            "tax": from_paise(payment.tax_paise),
            "currency": payment.currency,
            "number": payment.pk,
            "reference": payment.razorpay_payment_id,
            "invoice": payment.invoices.filter(refund=None).values_list("number", flat=True).first(),
        },
    )
