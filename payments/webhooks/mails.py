"""How the mail of disputes is written."""

from datetime import UTC, datetime

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.core.money import CURRENCY, from_paise
from payments.webhooks.services.disputes import DISPUTE


@writes_mail(DISPUTE)
def dispute_mail(mail: OutgoingMail) -> Letter:
    """Tell an admin of a dispute, with the day by which the bank wants an answer."""
    said = mail.context
    facts = {
        **said,
        "amount": f"{from_paise(said['amount_paise'])} {CURRENCY}",
        "respond_by": f"{datetime.fromtimestamp(said['respond_by'], UTC):%Y-%m-%d}" if said["respond_by"] else "–",
    }
    return Letter(_("A payment is disputed"), render_to_string("payments/mails/dispute.txt", facts))
