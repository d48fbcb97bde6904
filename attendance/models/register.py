"""Who was there: what was noted as it happened, and what follows from it."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attendance.models.sessions import LiveSession


class Status(models.TextChoices):
    """What the register says of somebody, by the words of the contract."""

    PRESENT = "present", _("present")
    LATE = "late", _("late")
    ABSENT = "absent", _("absent")
    EXCUSED = "excused", _("excused")


class AttendanceEventRows(models.QuerySet["AttendanceEvent"]):
    def update(self, **values: Any) -> NoReturn:
        raise TypeError("Events of attendance are only ever added.")


class AttendanceEvent(models.Model):
    """One thing that was noted of one learner in one session. Only ever added, never changed.

    ``at`` is when it counts as having happened; ``recorded_at`` is the server's clock, ``client_time`` the device's
    where it said one (a check-in made offline counts ``at`` its ``client_time``). An import counts from ``at`` to
    ``until``. ``refusal`` empty: it counts; else the code it was refused with: it counts for nothing, and is kept so
    that the register can show it. ``status`` is what a person or the platform set; empty with a manual event: what was
    set by hand before is taken back. ``device_hash`` is keyed with the session, so nobody can be followed by it from
    one class to the next. ``provider_id`` names the line of an export: read again it is the same line.
    """

    class Kind(models.TextChoices):
        CHECK_IN = "check_in", _("check-in")
        JOIN = "join", _("join")
        LEAVE = "leave", _("leave")
        MANUAL = "manual", _("by hand")
        IMPORT = "import", _("import")
        AUTO = "auto", _("automatic")
        EXCUSE = "excuse", _("excuse")

    class Place(models.TextChoices):
        NOT_ASKED = "", _("not asked")
        INSIDE = "inside", _("inside")
        OUTSIDE = "outside", _("outside")

    session = models.ForeignKey(
        LiveSession, on_delete=models.CASCADE, related_name="events", verbose_name=_("live session")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("learner")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    client_time = models.DateTimeField(_("time of the device"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, blank=True)
    refusal = models.CharField(_("refused because"), max_length=32, blank=True)
    device_hash = models.CharField(max_length=64, blank=True, editable=False)
    place = models.CharField(_("place"), max_length=8, choices=Place, blank=True)
    provider = models.CharField(_("provider"), max_length=16, blank=True)
    provider_id = models.CharField(max_length=64, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    objects: ClassVar[AttendanceEventRows] = AttendanceEventRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["id"]
        verbose_name = _("event of attendance")
        verbose_name_plural = _("events of attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "user"], condition=Q(kind="check_in", refusal=""), name="one_check_in_a_learner"
            ),
            models.UniqueConstraint(
                fields=["session", "device_hash"],
                condition=Q(kind="check_in", refusal="") & ~Q(device_hash=""),
                name="one_learner_a_device",
            ),
            models.UniqueConstraint(
                fields=["session", "user", "device_hash", "refusal"],
                condition=~Q(refusal=""),
                name="one_refusal_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["session", "user", "provider", "provider_id"],
                condition=~Q(provider_id=""),
                name="one_event_a_line_of_an_export",
            ),
            models.UniqueConstraint(
                fields=["session", "user", "status"], condition=Q(kind="auto"), name="noted_by_itself_once"
            ),
        ]
        indexes = [models.Index(fields=["session", "user"], name="event_of_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Events of attendance are only ever added.")
        super().save(*args, **kwargs)


class AttendanceRecord(models.Model):
    """What the register says of one learner in one session: a fold over their events (``attendance/folding.py``).

    Nothing is in it that the events don't say, so it can be rebuilt at any time. ``status`` is empty where there are
    events and none of them decides (a refused check-in). ``reason`` is the rule that decided. ``minutes`` is the union
    of the times they were there, within the session. ``version`` is the number of events it was folded from.
    ``flags`` are what a person should look at.
    """

    session = models.ForeignKey(
        LiveSession, on_delete=models.CASCADE, related_name="records", verbose_name=_("live session")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("learner")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, blank=True)
    reason = models.CharField(_("because"), max_length=32, blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), default=0)
    first_in_at = models.DateTimeField(_("came"), null=True, blank=True)
    last_out_at = models.DateTimeField(_("left"), null=True, blank=True)
    flags = models.JSONField(_("to look at"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-session__starts_at", "-id"]
        verbose_name = _("record of attendance")
        verbose_name_plural = _("records of attendance")
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="one_record_a_learner")]
        indexes = [models.Index(fields=["user", "session"], name="record_of_learner")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.session_id}"


class Excuse(models.Model):
    """A learner asked to be excused from a session; its course's owner decides, once. One a learner and session."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("asked")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    session = models.ForeignKey(
        LiveSession, on_delete=models.CASCADE, related_name="excuses", verbose_name=_("live session")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("learner")
    )
    reason = models.CharField(_("reason"), max_length=1000)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="one_excuse_a_learner"),
            models.CheckConstraint(
                condition=Q(state="requested", decided_at__isnull=True)
                | (~Q(state="requested") & Q(decided_at__isnull=False)),
                name="excuse_decided_with_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.session_id}"
