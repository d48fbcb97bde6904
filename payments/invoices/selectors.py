"""Reading documents."""

from accounts.api import User
from e_learning.core.api.errors import NotThere
from payments.invoices.models import Invoice


def own_document(*, user: User, payment_id: int, refund_id: int | None = None) -> Invoice:
    """Return the invoice of the user's payment, or the credit note of one of its refunds; 404 where there is none."""
    documents = Invoice.objects.filter(payment=payment_id, payment__user=user).select_related("corrects")
    wanted = {"kind": Invoice.Kind.INVOICE} if refund_id is None else {"refund": refund_id}
    document = documents.filter(**wanted).first()
    if document is None:
        raise NotThere
    return document
