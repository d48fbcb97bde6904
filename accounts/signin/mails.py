"""How the mail of signing in is written: who it is for, and the token in it, are found as it is sent."""

from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.signin.mailed_tokens import write_reset_token, write_verification_token
from accounts.users.models import CustomUser
from e_learning.core.mail import Letter, writes_mail
from e_learning.core.models import OutgoingMail


@writes_mail("verify_email")
def verification_mail(mail: OutgoingMail) -> Letter | None:
    """Nobody gets it whose address is verified already, or is another by now."""
    user = CustomUser.objects.filter(email=mail.recipient, is_active=True, email_verified=False).first()
    if user is None:
        return None
    letter = _letter("verify_email", user, "verify-email", write_verification_token(user))
    return Letter(_("Confirm your e-mail address"), letter)


@writes_mail("password_reset")
def password_reset_mail(mail: OutgoingMail) -> Letter | None:
    """Nobody gets it at an address without an active account."""
    user = CustomUser.objects.filter(email=mail.recipient, is_active=True).first()
    if user is None:
        return None
    return Letter(_("Set a new password"), _letter("password_reset", user, "reset-password", write_reset_token(user)))


def _letter(template: str, user: CustomUser, page: str, token: str) -> str:
    address = f"{settings.PUBLIC_URL}/account/{page}/?{urlencode({'token': token})}"
    return render_to_string(
        f"accounts/mails/{template}.txt", {"name": user.full_name or user.username, "address": address, "token": token}
    )
