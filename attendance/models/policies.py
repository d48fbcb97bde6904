"""How a course keeps its register, whom it warned, and calendars."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import validate_timezone

MOST_WARNINGS = 5
_PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
_A_DAY = [MaxValueValidator(24 * 60)]
#: No class is told of earlier, and none is closed later.
LONGEST_NOTICE = timedelta(days=7)
_A_WEEK = [MaxValueValidator(LONGEST_NOTICE // timedelta(minutes=1))]


def first_warning() -> list[int]:
    return [75]


def validate_zone(name: str) -> None:
    """The accounts' own rule, under a name that a migration may give: it can't come in by their door."""
    validate_timezone(name)


def validate_warnings(value: object) -> None:
    """Refuse what is not a list of at most ``MOST_WARNINGS`` percentages from 1 to 100, each once, highest first."""
    given = value if isinstance(value, list) else [value]
    right = given is value and all(type(one) is int and 1 <= one <= 100 for one in given)
    if not right or given != sorted(set(given), reverse=True)[:MOST_WARNINGS]:
        raise ValidationError(_("Up to five percentages from 1 to 100, each once, highest first."), code="bad_warnings")


class AttendancePolicy(models.Model):
    """How one course keeps its register. A course without a row goes by the defaults of this table.

    Minutes are counted from a session's start (opens: before it; absence: after its end) and are taken over when the
    session is planned; weights and warnings are asked when percentages are. A status counts with its weight in percent
    of a presence; an empty weight leaves the session out of the learner's percentage. ``timezone`` empty: that of the
    course's instructor. ``warn_below`` are percentages under which a learner is told, once each, when at least
    ``warn_after_sessions`` sessions count. ``absent_after_minutes`` empty: nobody is marked absent by the platform;
    ``remind_minutes`` empty: nobody is reminded. ``offline_grace_minutes``: for how long a check-in made without a
    connection is taken; 0 takes none.
    """

    course = models.OneToOneField(
        "courses.Course", on_delete=models.CASCADE, related_name="attendance_policy", verbose_name=_("course")
    )
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_zone])
    opens_minutes = models.PositiveSmallIntegerField(_("opens so many minutes before"), default=15, validators=_A_DAY)
    late_after_minutes = models.PositiveSmallIntegerField(
        _("late after so many minutes"), default=10, validators=_A_DAY
    )
    closes_after_minutes = models.PositiveSmallIntegerField(
        _("closes after so many minutes"), default=30, validators=_A_DAY
    )
    minimum_minutes = models.PositiveSmallIntegerField(
        _("at least so many minutes"), null=True, blank=True, validators=_A_DAY
    )
    minimum_percent = models.PositiveSmallIntegerField(
        _("at least so much of it, in percent"), null=True, blank=True, validators=_PERCENT
    )
    absent_after_minutes = models.PositiveSmallIntegerField(
        _("absence is noted so many minutes after the end"), null=True, blank=True, default=60, validators=_A_WEEK
    )
    offline_grace_minutes = models.PositiveSmallIntegerField(
        _("check-ins made offline are taken for so many minutes"), default=30, validators=_A_DAY
    )
    weight_present = models.PositiveSmallIntegerField(
        _("present counts"), null=True, blank=True, default=100, validators=_PERCENT
    )
    weight_late = models.PositiveSmallIntegerField(
        _("late counts"), null=True, blank=True, default=50, validators=_PERCENT
    )
    weight_absent = models.PositiveSmallIntegerField(
        _("absent counts"), null=True, blank=True, default=0, validators=_PERCENT
    )
    weight_excused = models.PositiveSmallIntegerField(_("excused counts"), null=True, blank=True, validators=_PERCENT)
    warn_below = models.JSONField(
        _("warn below, in percent"), default=first_warning, blank=True, validators=[validate_warnings]
    )
    warn_after_sessions = models.PositiveSmallIntegerField(
        _("warn after so many sessions"), default=3, validators=[MaxValueValidator(1000)]
    )
    remind_minutes = models.PositiveSmallIntegerField(
        _("remind so many minutes before"),
        null=True,
        blank=True,
        default=60,
        validators=[MinValueValidator(1), *_A_WEEK],
    )

    class Meta:
        verbose_name = _("attendance policy")
        verbose_name_plural = _("attendance policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(late_after_minutes__lte=F("closes_after_minutes")),
                name="policy_closes_not_before_late",
                violation_error_message=_("Check-in can't close before coming counts as late."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_id}"


class AttendanceWarning(models.Model):
    """A learner's percentage in a course was found under ``below`` percent, and they were told: once each."""

    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("learner")
    )
    below = models.PositiveSmallIntegerField(_("below, in percent"))
    percent = models.DecimalField(_("percent then"), max_digits=4, decimal_places=1)
    warned_at = models.DateTimeField(_("warned"), default=timezone.now)

    class Meta:
        ordering = ["-warned_at", "-id"]
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")
        constraints = [models.UniqueConstraint(fields=["course", "user", "below"], name="one_warning_a_percentage")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}"


class CalendarFeed(models.Model):
    """Opens one person's calendar without a sign-in. The address holds a signature over ``nonce``, which is not to be
    had from this table alone; another nonce ends the old address.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    nonce = models.CharField(max_length=32, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"{self.user_id}"
