"""What staff do about each kind of contradiction. Printed with the report; ``docs/payments.md`` says more."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.audit import Kind

REMEDIES: dict[Kind, Promise] = {
    Kind.ACCESS: _(
        "Look at the payment and at the person's access grants. Where staff ended the access: refund the payment, or "
        "grant the access by hand. Where the money went back: end the access."
    ),
    Kind.ENROLLMENT: _(
        "The next pass brings the enrolment in line with its grants. If it comes back, tell the developers."
    ),
    Kind.SUBSCRIPTION: _(
        "The next pass brings access in line with the subscription. If it comes back, tell the developers."
    ),
    Kind.ATTEMPT: _("Compare the payment with Razorpay's dashboard before anything else, and tell the developers."),
    Kind.OPEN_ORDER: _("Tell the developers. Nobody loses money by it."),
    Kind.INVOICE: _("Tell the developers. Write no invoice by hand: the numbers must have no gaps."),
    Kind.NUMBERS: _("A number is missing. Keep the documents as they are; tell the accountant and the developers."),
    Kind.CREDIT_NOTE: _("The refund stands, its document doesn't. Tell the developers; write none by hand."),
    Kind.REFUND_SUMS: _("Make no refund of this payment yet. Compare its refunds with Razorpay's dashboard."),
    Kind.SURPLUS: _(
        "More is to go back than came in. Compare with Razorpay's dashboard; reject what is only asked for."
    ),
    Kind.LEDGER: _(
        "Compare the payment's entries with its refunds and documents; tell the accountant and the developers."
    ),
    Kind.COUPON: _("Tell the developers. The coupon may be used once too often, or too seldom."),
}
