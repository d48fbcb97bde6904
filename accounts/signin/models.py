"""Sessions: the devices signed in."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.users.models import CustomUser


class SessionRows(models.QuerySet["Session"]):
    def live(self) -> "SessionRows":
        """Sessions that still sign somebody in: not ended, within their 30 days, of an active user."""
        return self.filter(ended_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True)

    def begin(self, *, user: CustomUser, at: datetime, **device: str) -> "Session":
        """Write a session that begins ``at`` and lasts as long as a refresh token; ``device`` are its columns."""
        expires_at = at + timedelta(seconds=settings.REFRESH_TOKEN_SECONDS)
        return self.create(user=user, rotated_at=at, created_at=at, last_seen_at=at, expires_at=expires_at, **device)

    def rotate(self, *, session_id: int, generation: int, now: datetime) -> bool:
        """Take a live session from ``generation`` to the next, in one update; False where it is not there any more.

        The conditions stand on the updated table itself (the user by EXISTS, not by a join, which
        Django would turn into ``id IN (SELECT …)``): PostgreSQL asks them again of the row as it is
        once a concurrent rotation has committed, so of any number at once exactly one succeeds.
        """
        active_user = CustomUser.objects.filter(pk=models.OuterRef("user_id"), is_active=True)
        rotating = self.filter(
            models.Exists(active_user), pk=session_id, generation=generation, ended_at__isnull=True, expires_at__gt=now
        )
        changed = rotating.update(generation=models.F("generation") + 1, rotated_at=now, last_seen_at=now)
        return bool(changed)

    def end(self, reason: str) -> int:
        """End those of these sessions that have not ended yet; returns how many. An end once set stays."""
        return self.filter(ended_at__isnull=True).update(ended_at=timezone.now(), end_reason=reason)


class Session(models.Model):
    """One device signed in, from login to logout.

    Its refresh token is not stored: it is the signed triple (id, ``generation``, ``rotated_at``), so
    the token of a generation can be made again for a client whose answer was lost, and a row read by
    a thief signs nobody in. ``generation`` only grows, by one conditional update a rotation; so at
    most one refresh token is good at any time. ``ended_at`` once set stays.
    """

    class EndReason(models.TextChoices):
        LOGOUT = "logout", _("signed out")
        REVOKED = "revoked", _("ended from another device")
        PASSWORD = "password", _("password changed")
        REUSE = "reuse", _("a replaced token was used")

    user = models.ForeignKey(CustomUser, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("user"))
    generation = models.PositiveIntegerField(_("times refreshed"), default=0)
    rotated_at = models.DateTimeField(_("last refreshed"))
    device_name = models.CharField(_("device"), max_length=120, blank=True)
    ip_address = models.CharField(_("address"), max_length=64, blank=True)
    user_agent = models.CharField(_("client program"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("signed in"))
    last_seen_at = models.DateTimeField(_("last seen"))
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=10, choices=EndReason, blank=True)

    objects: Any = SessionRows.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.device_name or self.user_agent or self.pk}"


class SocketTicket(models.Model):
    """Opens one socket for its session, once, within seconds: for clients that can't send headers with a socket.

    Only the SHA-256 of the ticket is kept. Using it deletes the row, so of two at once one gets in.
    """

    digest = models.CharField(max_length=64, unique=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"of session {self.session_id}"


class PushDevice(models.Model):
    """Where Firebase reaches one signed-in app. Silent once the session that registered it has ended.

    A token stands once: registered by another session (the phone changed hands, the app signed in anew) it moves there.
    """

    class Platform(models.TextChoices):
        ANDROID = "android", "Android"
        IOS = "ios", "iOS"
        WEB = "web", _("web")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="devices", verbose_name=_("session"))
    token = models.CharField(_("token"), max_length=4096)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    platform = models.CharField(_("platform"), max_length=10, choices=Platform)
    created_at = models.DateTimeField(_("registered"), default=timezone.now)

    class Meta:
        verbose_name = _("device for push")
        verbose_name_plural = _("devices for push")

    def __str__(self) -> str:
        return f"{self.platform} of session {self.session_id}"
