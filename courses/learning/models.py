"""What was learnt: enrolments and progress."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Content, Course


def current_enrollment(at: datetime | None = None, *, prefix: str = "") -> Q:
    """Return the one condition under which an enrolment opens its course: active, and not past its end at ``at``."""
    ahead = Q(**{f"{prefix}expiry_date__isnull": True}) | Q(**{f"{prefix}expiry_date__gt": at or timezone.now()})
    return Q(**{f"{prefix}is_active": True}) & ahead


def untold_end() -> Q:
    """Return the condition of rows whose end, past or to come, was not told of yet: few, and found by an index."""
    return Q(is_active=True, expiry_date__isnull=False) & ~Q(expiry_told_for=F("expiry_date"))


class EnrollmentRows(models.QuerySet["Enrollment"]):
    def current(self, at: datetime | None = None) -> "EnrollmentRows":
        return self.filter(current_enrollment(at))


class Enrollment(models.Model):
    """One learner's way through one course.

    ``is_active`` and ``expiry_date`` follow from its grants (``services/granting.py``, the only writer of both).
    Always true: at most one active row a learner and course. ``completed_count`` is the number of its
    progress rows that are complete and whose content still stands; it is moved by the statement that
    completes one, so two devices at once both count. ``latest_completion_at`` is the greatest
    ``completed_at`` among those rows. ``completed_at`` is what that was when the course was complete: it
    is never taken back and never moves to a later time, also when the course grows.
    ``expiry_noticed_for`` and ``expiry_told_for`` are the ``expiry_date`` whose coming and whose passing
    were announced: another date is announced anew.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrollments", verbose_name=_("user")
    )
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrollments", verbose_name=_("course"))
    enrollment_date = models.DateTimeField(_("enrolled"), default=timezone.now)
    expiry_date = models.DateTimeField(_("open until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    completed_count = models.PositiveIntegerField(_("contents completed"), default=0)
    latest_completion_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    expiry_noticed_for = models.DateTimeField(null=True, blank=True, editable=False)
    expiry_told_for = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[EnrollmentRows] = EnrollmentRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-enrollment_date", "-id"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course"], condition=Q(is_active=True), name="one_active_enrollment"
            ),
        ]
        indexes = [models.Index(fields=["expiry_date"], condition=untold_end(), name="enrollment_ends_untold")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}"

    def is_current(self, at: datetime) -> bool:
        """Say of a row in hand what ``current_enrollment`` asks of the database."""
        return self.is_active and (self.expiry_date is None or self.expiry_date > at)


class AccessPass(models.Model):
    """What a subscription gives one person: courses to enrol in, until ``ends_at``.

    ``reference`` says in the words of whoever gave it what it stands for (``subscription:4``); one pass
    a reference. ``ends_at`` empty: no end. It is live while ``ended_at`` is empty and ``ends_at`` not past.
    ``covers_all`` takes in every course, also those to come; else ``courses`` lists them. A pass opens nothing
    by itself: who enrols by it gets a grant, whose end follows the pass's.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_passes", verbose_name=_("user")
    )
    reference = models.CharField(_("reference"), max_length=100, unique=True)
    covers_all = models.BooleanField(_("covers every course"), default=False)
    courses = models.ManyToManyField(Course, blank=True, related_name="+", verbose_name=_("courses"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("open until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=200, blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("access pass")
        verbose_name_plural = _("access passes")

    def __str__(self) -> str:
        return self.reference


def live_access(at: datetime) -> Q:
    """Return the condition of grants and passes that give access at ``at``: not ended, and not past their end."""
    return Q(ended_at__isnull=True) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def access_between(starts_at: datetime, ends_at: datetime) -> Q:
    """Return the condition of grants and passes that gave access for some of the time between the two."""
    not_over = [Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": starts_at}) for end in ("ended_at", "ends_at")]
    return Q(starts_at__lte=ends_at) & not_over[0] & not_over[1]


class AccessGrant(models.Model):
    """One reason why one person may learn in one course: bought, subscribed, given.

    The enrolment is what follows from its grants (``services/granting.py``): active while one of them is
    live, until the furthest of their ends. ``reference`` says in the words of whoever granted it what it
    stands for (``payment:17``), and grants once, for ever: after its end the same reference opens nothing
    again. ``ends_at`` empty: no end. ``ended_at`` is when it was taken back, or found to be past its end
    (``ended_reason`` is then EXPIRED) by the grant that came after it. ``access_pass`` is what it was given by,
    where a subscription gave it; its end follows that of the pass.
    """

    class Source(models.TextChoices):
        FREE = "free", _("free course")
        OWN = "own", _("own course")
        PURCHASE = "purchase", _("purchase")
        SUBSCRIPTION = "subscription", _("subscription")
        COUPON = "coupon", _("coupon")
        MANUAL = "manual", _("granted by staff")

    EXPIRED = "expired"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_grants", verbose_name=_("user")
    )
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+", verbose_name=_("course"))
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="grants", verbose_name=_("enrolment")
    )
    source = models.CharField(_("source"), max_length=12, choices=Source)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    access_pass = models.ForeignKey(
        AccessPass,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("access pass"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("open until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=200, blank=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("access grant")
        verbose_name_plural = _("access grants")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=~Q(reference="") & Q(access_pass=None),
                name="one_grant_per_reference",
            ),
            models.UniqueConstraint(
                fields=["user", "course"],
                condition=Q(source="purchase", ended_at=None),
                name="one_live_purchase",
            ),
            models.UniqueConstraint(
                fields=["access_pass", "course"], condition=Q(ended_at=None), name="one_live_grant_per_pass"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="grant_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.user_id} in {self.course_id}"


def not_taken_back() -> Q:
    """Return the condition of grants that nobody took back; the end of some may have come by date."""
    return Q(ended_at=None) | Q(ended_reason=AccessGrant.EXPIRED)


class Progress(models.Model):
    """How far one enrolment has come with one content. Seconds throughout.

    ``time_spent`` only grows. ``last_position`` belongs to ``position_at``, the client's time of the
    update it came from. ``watched`` is the union of the intervals seen, from any device, sorted and
    disjoint: ``[[0, 30], [45, 60]]``. ``is_completed`` is never undone, and ``completed_at`` only moves
    to an earlier time, when a late update tells of one (``folding.py``).
    """

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="progress", verbose_name=_("enrolment")
    )
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="progress", verbose_name=_("content"))
    time_spent = models.PositiveIntegerField(_("seconds spent"), default=0)
    last_position = models.PositiveIntegerField(_("position in seconds"), default=0)
    position_at = models.DateTimeField(_("position of"))
    watched = models.JSONField(_("seconds watched, from and to"), default=list, blank=True)
    is_completed = models.BooleanField(_("completed"), default=False)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [models.UniqueConstraint(fields=["enrollment", "content"], name="one_progress_per_content")]

    def __str__(self) -> str:
        return f"{self.enrollment_id}: {self.content_id}"


class ProgressSlot(models.Model):
    """What devices reported of one content in one quarter of an hour of theirs (UTC, from ``starts_at``).

    ``time_spent`` is the greatest running total among the reports of that quarter, ``watched`` the union of
    their intervals: both the same whatever order the reports came in. How long somebody learnt in a quarter
    is its total less the greatest one before it. Quarters, because no time zone's days begin within one.
    """

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="slots", verbose_name=_("enrolment")
    )
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="+", verbose_name=_("content"))
    starts_at = models.DateTimeField(_("from"))
    time_spent = models.PositiveIntegerField(_("seconds spent"), default=0)
    watched = models.JSONField(_("seconds watched, from and to"), default=list, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "content", "starts_at"], name="one_slot_per_quarter")
        ]

    def __str__(self) -> str:
        return f"{self.enrollment_id}: {self.content_id} at {self.starts_at:%Y-%m-%d %H:%M}"


class Review(models.Model):
    """What one learner thinks of a course: at most one an enrolment. ``Course.rating`` follows with each write."""

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.CASCADE, related_name="review", verbose_name=_("enrolment")
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("course"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("user")
    )
    rating = models.PositiveSmallIntegerField(_("rating"))
    comment = models.TextField(_("comment"), blank=True, max_length=5000)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_rating_between_1_and_5"),
        ]
        indexes = [models.Index(fields=["course", "-created_at", "-id"], name="reviews_of_course")]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.course_id}: {self.rating}"
