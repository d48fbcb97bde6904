"""Signing in and out, keeping signed in, and everything that proves who somebody is.

A sign-in is a ``Session`` row; every token is good only while the row lives. So ending rows is all
that logout, a stolen token or a new password need, and it holds on the next request everywhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.signin.devices import Device
from accounts.signin.guesses import count_guess, forget_guesses
from accounts.signin.mailed_tokens import read_reset_token, read_verification_token
from accounts.signin.models import Session
from accounts.signin.refresh_tokens import RefreshClaims, read_refresh_token, write_refresh_token
from accounts.users.models import CustomUser, Role
from accounts.users.passwords import has_password, require_good_password
from accounts.users.services import Profile, register_user
from e_learning.core.api.errors import InvalidInput, NotAllowed, NotSignedIn, NotThere
from e_learning.core.api.tokens import BadToken, issue_access_token
from e_learning.core.limits import Limit, take
from e_learning.core.mail import queue_mail

#: Ended and expired sessions are kept for so long, for questions about who signed in from where.
SESSIONS_KEPT_FOR = timedelta(days=30)


class InvalidCredentials(NotSignedIn):
    code = "invalid_credentials"
    message = _("The e-mail address or the password is wrong.")


class AccountDisabled(NotAllowed):
    code = "account_disabled"
    message = _("This account is disabled.")


class TokenReused(NotSignedIn):
    code = "token_reused"
    message = _("This token was used before. Sign in again.")


class WrongPassword(InvalidInput):
    code = "invalid_password"
    message = _("The password is wrong.")


class InvalidMailedToken(InvalidInput):
    code = "invalid_token"
    message = _("This link is not valid, was used, or has expired.")


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class SignedIn(Tokens):
    user: CustomUser


# --- signing in ---------------------------------------------------------------------------------
def register(*, email: str, password: str, device: Device, profile: Profile, role: str = Role.STUDENT) -> SignedIn:
    """Make an account and sign its owner in. Limited by address, because it has to tell whether an e-mail is in use."""
    take(Limit.of("register"), device.address)
    user = register_user(email=email, password=password, role=role, profile=profile)
    return _open_session(user, device)


def sign_in(*, email: str, password: str, device: Device) -> SignedIn:
    """Open a session for the owner of ``email``. Refuses as ``authenticate_person`` does."""
    return _open_session(authenticate_person(email=email, password=password, address=device.address), device)


def authenticate_person(*, email: str, password: str, address: str) -> CustomUser:
    """Return the user with settings whose ``email`` (normalized) and ``password`` these are.

    An unknown address takes the same statements and the same hashing as a wrong password, and gets
    the same refusal; that an account is disabled is told only to who knows its password.
    """
    guess = count_guess(email=email, address=address)
    user = CustomUser.objects.select_related("settings").filter(email=email).first()
    if not has_password(user, password) or user is None:
        raise InvalidCredentials
    guess.was_right()
    if not user.is_active:
        raise AccountDisabled
    return user


def _open_session(user: CustomUser, device: Device) -> SignedIn:
    """Write the session, unless the account was closed or its password changed while this one was being checked.

    The update of the user's row comes first: it waits for a change of the password under way, and
    a change that comes after it ends the session written here too.
    """
    now = timezone.now()
    with transaction.atomic():
        unchanged = CustomUser.objects.filter(pk=user.pk, is_active=True, password=user.password)
        if not unchanged.update(last_login=now):
            raise InvalidCredentials
        session = Session.objects.begin(
            user=user, at=now, device_name=device.name, ip_address=device.address, user_agent=device.user_agent
        )
    tokens = _tokens(session, generation=0, rotated_at=now)
    return SignedIn(user=user, access_token=tokens.access_token, refresh_token=tokens.refresh_token)


def _tokens(session: Session, *, generation: int, rotated_at: datetime) -> Tokens:
    return Tokens(
        access_token=issue_access_token(user_id=session.user_id, session_id=session.pk),
        refresh_token=write_refresh_token(
            session_id=session.pk, generation=generation, rotated_at=rotated_at, expires_at=session.expires_at
        ),
    )


# --- staying signed in --------------------------------------------------------------------------
def refresh_session(*, refresh_token: str) -> Tokens:
    """Exchange a refresh token for its successor and a new access token.

    The rotation is one conditional update, so of any number at once one succeeds; the others, and
    whoever asks again within ``REFRESH_GRACE_SECONDS``, get the same successor. Any other use of a
    replaced token ends the session (``token_reused``): either its owner or a thief holds a copy, and
    which of them asks can't be told.
    """
    claims = read_refresh_token(refresh_token)
    now = timezone.now()
    rotated = Session.objects.rotate(session_id=claims.session_id, generation=claims.generation, now=now)
    session = Session.objects.select_related("user").filter(pk=claims.session_id).first()
    if session is None:
        raise BadToken
    if rotated:
        return _tokens(session, generation=claims.generation + 1, rotated_at=now)
    return _answer_again(session, claims, now)


def _answer_again(session: Session, claims: RefreshClaims, now: datetime) -> Tokens:
    live = session.ended_at is None and session.expires_at > now and session.user.is_active
    if not live or claims.generation >= session.generation:
        raise BadToken
    just_replaced = claims.generation == session.generation - 1
    if just_replaced and now - session.rotated_at <= timedelta(seconds=settings.REFRESH_GRACE_SECONDS):
        return _tokens(session, generation=session.generation, rotated_at=session.rotated_at)
    Session.objects.filter(pk=session.pk).end(Session.EndReason.REUSE)
    raise TokenReused


# --- signing out --------------------------------------------------------------------------------
def sign_out(*, session: Session) -> None:
    """End this session; its access token is refused from the next request on."""
    Session.objects.filter(pk=session.pk).end(Session.EndReason.LOGOUT)


def end_session(*, user: CustomUser, session_id: int) -> None:
    """End one of the user's own live sessions; anybody else's is not there (404)."""
    if not Session.objects.live().filter(user=user, pk=session_id).end(Session.EndReason.REVOKED):
        raise NotThere


def end_sessions(*, session_ids: list[int]) -> int:
    """End these sessions, whoever's they are (the back office); returns how many ended."""
    ended: int = Session.objects.filter(pk__in=session_ids).end(Session.EndReason.REVOKED)
    return ended


def end_all_sessions(*, user_ids: list[int]) -> int:
    """Sign these users out everywhere; returns how many sessions ended."""
    ended: int = Session.objects.filter(user_id__in=user_ids).end(Session.EndReason.REVOKED)
    return ended


def forget_ended_sessions(*, now: datetime) -> int:
    """Delete sessions that ended or expired longer ago than they are kept; returns how many."""
    before = now - SESSIONS_KEPT_FOR
    deleted: int = Session.objects.filter(Q(ended_at__lt=before) | Q(expires_at__lt=before)).delete()[0]
    return deleted


# --- passwords ----------------------------------------------------------------------------------
def change_password(*, session: Session, old_password: str, new_password: str, address: str) -> None:
    """Set a new password and end every other session of the user.

    A wrong old password counts as a guess: a stolen access token must not be a way to try them all.
    """
    user = session.user
    guess = count_guess(email=user.email, address=address)
    if not has_password(user, old_password):
        raise WrongPassword(attr="old_password")
    guess.was_right()
    require_good_password(new_password, user=user, attr="new_password")
    if not _replace_password(user, new_password, kept_session_id=session.pk):
        raise WrongPassword(attr="old_password")


def request_password_reset(*, email: str, address: str) -> None:
    """Queue the mail for ``email``, known or not: who has an account is looked up when the mail is rendered."""
    take(Limit.of("reset"), address)
    take(Limit.of("reset"), f"password|{email}")
    queue_mail(kind="password_reset", recipient=email)


def reset_password(*, token: str, new_password: str, address: str) -> None:
    """Set a new password by a mailed token, once, and end every session of the user.

    Who read the mail has shown that the address is theirs, so it is verified by the way.
    """
    user = read_reset_token(token)
    if user is None:
        raise InvalidMailedToken(attr="token")
    require_good_password(new_password, user=user, attr="new_password")
    if not _replace_password(user, new_password, email_verified=True):
        raise InvalidMailedToken(attr="token")
    forget_guesses(email=user.email, address=address)


def _replace_password(user: CustomUser, password: str, *, kept_session_id: int | None = None, **also: bool) -> bool:
    """Set the password, if it is still the one ``user`` was read with, and end the sessions; False if it is not.

    The user's row first, then the sessions: a sign-in with the old password that got in between is
    among the sessions that the second statement ends.
    """
    encoded = make_password(password)
    with transaction.atomic():
        unchanged = CustomUser.objects.filter(pk=user.pk, is_active=True, password=user.password)
        if not unchanged.update(password=encoded, **also):
            return False
        Session.objects.filter(user_id=user.pk).exclude(pk=kept_session_id or 0).end(Session.EndReason.PASSWORD)
    return True


# --- the e-mail address -------------------------------------------------------------------------
def resend_verification(*, user: CustomUser, address: str) -> None:
    """Queue the verification mail once more; it is dropped where the address is verified already."""
    take(Limit.of("reset"), address)
    take(Limit.of("reset"), f"verification|{user.email}")
    queue_mail(kind="verify_email", recipient=user.email)


def verify_email(*, token: str) -> None:
    """Mark the address that ``token`` was mailed to as verified, once."""
    user = read_verification_token(token)
    if user is None:
        raise InvalidMailedToken(attr="token")
    unverified = CustomUser.objects.filter(pk=user.pk, email=user.email, email_verified=False)
    if not unverified.update(email_verified=True):
        raise InvalidMailedToken(attr="token")
