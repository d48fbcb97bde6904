"""How the mail of notifications is written: what is still right is found as it is sent."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from accounts.api import User, settings_of
from community.notifications.models import Notification
from community.notifications.selectors import to_carry, wants_mail
from community.notifications.services.mailing import NEWS
from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail


@writes_mail(NEWS)
def notifications_mail(mail: OutgoingMail) -> Letter | None:
    """In the reader's language as it is now. Nobody gets it who switched mail off, has read everything, or may see
    nothing of it any more.
    """
    user = User.objects.select_related("settings").filter(pk=mail.context["user_id"], is_active=True).first()
    if user is None or not wants_mail(user):
        return None
    carried = to_carry(mail.pk)
    if not carried:
        return None
    with translation.override(settings_of(user).locale):
        return Letter(_subject(carried), _body(user, carried))


def _subject(carried: list[Notification]) -> str:
    if len(carried) == 1:
        return " ".join(carried[0].title.split())  # a header has one line
    return ngettext("%(count)d notification", "%(count)d notifications", len(carried)) % {"count": len(carried)}


def _body(user: User, carried: list[Notification]) -> str:
    facts = {
        "name": user.full_name or user.username,
        "rows": carried,
        "is_daily": settings_of(user).email_digest == "daily",
        "address": settings.PUBLIC_URL,
    }
    return render_to_string("community/mails/notifications.txt", facts)
