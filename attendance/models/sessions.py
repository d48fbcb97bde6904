"""When classes are: live sessions, and the rules by which they recur."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.api import ids_of_courses_open_to

if TYPE_CHECKING:
    from accounts.api import User

#: Who enters a class that is over already means to mark its roll, and nobody is absent before they have had the time.
TIME_TO_MARK = timedelta(hours=24)


class SessionSeries(models.Model):
    """A rule by which live sessions of a course recur.

    ``rrule`` is the value of an RFC 5545 RRULE, read on the clock of ``timezone`` from ``starts_at`` on: a class at
    nine stays at nine when summer time begins. Its sessions are rows of their own; those that begin before
    ``expanded_until`` have been made, and a task makes the next ones of a rule without an end, each like the latest
    that nobody changed. ``exceptions`` are the beginnings that were left out from the start, as ISO times in UTC.
    """

    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    rrule = models.CharField(_("rule"), max_length=500)
    timezone = models.CharField(_("time zone"), max_length=64)
    starts_at = models.DateTimeField(_("starts"))
    exceptions = models.JSONField(_("left out"), default=list, blank=True)
    expanded_until = models.DateTimeField(_("sessions made until"))

    class Meta:
        verbose_name = _("series of sessions")
        verbose_name_plural = _("series of sessions")

    def __str__(self) -> str:
        return self.rrule


class LiveSessionRows(models.QuerySet["LiveSession"]):
    def visible_to(self, user: "User") -> "LiveSessionRows":
        """Sessions of courses the user owns or is currently enrolled in; admins see all."""
        return self.filter(course__in=ids_of_courses_open_to(user))

    def owned_by(self, user: "User") -> "LiveSessionRows":
        """Sessions whose code, register and excuses the user keeps: of own courses; of all, for an admin."""
        return self if user.is_admin else self.filter(course__instructor=user)

    def standing(self) -> "LiveSessionRows":
        return self.filter(state=LiveSession.State.SCHEDULED)

    def to_close(self, at: datetime) -> "LiveSessionRows":
        """Sessions that stand and whose register is to be closed by ``at``: at ``absent_at``, without it at the end.

        One that was entered after it was over waits ``TIME_TO_MARK`` longer, from then on: for its roll.
        """
        due = self.alias(close_at=Coalesce("absent_at", "ends_at")).filter(close_at__lte=at)
        marked = Q(created_at__lt=F("ends_at")) | Q(created_at__lte=at - TIME_TO_MARK)
        return due.standing().filter(marked, closed_at__isnull=True)

    def linked_to(self, content_id: int, *, completed_at: datetime) -> "LiveSessionRows":
        """Sessions that stand and that a completion of the content at this time attends: it came before their end."""
        return self.standing().filter(linked_content=content_id, ends_at__gte=completed_at)


class LiveSession(models.Model):
    """One class, on one day. What recurs is a row for each day.

    Times are of the session itself: a later change of the course's policy moves nothing that was planned.
    ``check_in_opens`` ≤ ``late_after`` ≤ ``check_in_closes``. ``minimum_minutes`` and ``minimum_percent`` (of the
    length) are what somebody has to be there for; where both are given the longer counts. ``recurs_at`` is when the
    series had it begin, whatever became of it since; ``is_changed`` keeps it as it is when the series moves on. A place
    has all three of its values or none. ``linked_content``: completing it before the end is attending. ``absent_at`` is
    when whoever is not in the register is marked absent (None: nobody is). ``closed_at`` is when that was done, or when
    a session that marks nobody was over; by then learners are warned, too.
    ``reminded_for`` is the ``starts_at`` that learners were reminded of: another time is announced anew. ``sequence``
    counts the changes that calendars have to follow.
    """

    class Kind(models.TextChoices):
        LIVE_CLASS = "live_class", _("live class")
        MODULE = "module", _("module")
        OTHER = "other", _("other")

    class Mode(models.TextChoices):
        ONLINE = "online", _("online")
        IN_PERSON = "in_person", _("in person")
        HYBRID = "hybrid", _("hybrid")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("scheduled")
        CANCELLED = "cancelled", _("cancelled")

    course = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, related_name="live_sessions", verbose_name=_("course")
    )
    series = models.ForeignKey(
        SessionSeries,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("series"),
    )
    recurs_at = models.DateTimeField(_("in the series at"), null=True, blank=True, editable=False)
    is_changed = models.BooleanField(_("differs from its series"), default=False, editable=False)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.LIVE_CLASS)
    mode = models.CharField(_("mode"), max_length=12, choices=Mode)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.SCHEDULED, editable=False)
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=500, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    check_in_opens = models.DateTimeField(_("check-in opens"))
    late_after = models.DateTimeField(_("late after"))
    check_in_closes = models.DateTimeField(_("check-in closes"))
    minimum_minutes = models.PositiveSmallIntegerField(_("at least so many minutes"), null=True, blank=True)
    minimum_percent = models.PositiveSmallIntegerField(
        _("at least so much of it, in percent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    meeting_url = models.URLField(_("address of the meeting"), max_length=500, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    radius_m = models.PositiveIntegerField(
        _("radius in metres"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    linked_content = models.ForeignKey(
        "courses.Content", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("content")
    )
    absent_at = models.DateTimeField(_("absence is noted at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    reminded_for = models.DateTimeField(null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[LiveSessionRows] = LiveSessionRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("live session")
        verbose_name_plural = _("live sessions")
        constraints = [
            models.UniqueConstraint(fields=["series", "recurs_at"], name="session_once_in_its_series"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(check_in_opens__lte=F("late_after")) & Q(late_after__lte=F("check_in_closes")),
                name="session_check_in_in_order",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True, radius_m__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False, radius_m__isnull=False),
                name="session_place_whole_or_none",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "starts_at"], name="session_of_course"),
            models.Index(
                Coalesce("absent_at", "ends_at"),
                condition=Q(closed_at__isnull=True, state="scheduled"),
                name="session_to_close",
            ),
            models.Index(
                fields=["starts_at"],
                condition=Q(state="scheduled") & ~Q(reminded_for=F("starts_at")),
                name="session_ahead",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_place(self) -> bool:
        return self.latitude is not None

    @property
    def is_standing(self) -> bool:
        return self.state == self.State.SCHEDULED
