"""Enrolling: one active row a learner and course, whatever is asked at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Course
from courses.events import LearnerEnrolled
from courses.learning.access import owns
from courses.learning.models import Enrollment
from e_learning.core.api.errors import Conflict, NotThere, PaymentRequired
from e_learning.core.events import publish_on_commit
from e_learning.core.money import CURRENCY


class PrerequisitesUnmet(Conflict):
    code = "prerequisites_unmet"
    message = _("Complete the courses that this one builds on first.")


@dataclass(frozen=True, slots=True)
class EnrollOutcome:
    enrollment: Enrollment
    is_new: bool


def enroll_learner(*, learner: User, course_id: int) -> EnrollOutcome:
    """Enrol ``learner`` in a free course, or hand back the current enrolment.

    Refuses, in this order: 404 (absent or not visible), 402 ``payment_required`` with the price,
    409 ``prerequisites_unmet``. An enrolment that had expired is opened again with its progress.
    The owner and admins enrol without paying, to see their course as learners do.
    """
    course = Course.objects.visible_to(learner).filter(pk=course_id).first()
    if course is None:
        raise NotThere
    current = Enrollment.objects.current().filter(user=learner, course=course).first()
    if current is not None:
        return EnrollOutcome(current, is_new=False)
    if course.archived_at is not None:
        raise NotThere
    if not course.is_free and not owns(learner, course):
        raise PaymentRequired(extra={"price": str(course.price), "currency": CURRENCY})
    _check_prerequisites(learner, course)
    return _open_enrollment(learner, course, at=timezone.now())


def _check_prerequisites(learner: User, course: Course) -> None:
    done = Enrollment.objects.filter(user=learner, completed_at__isnull=False).values("course_id")
    missing = list(course.prerequisites.exclude(pk__in=done).order_by("id").values_list("title", flat=True))
    if missing:
        raise PrerequisitesUnmet(_("Complete first: %(titles)s.") % {"titles": ", ".join(missing)})


def _open_enrollment(learner: User, course: Course, *, at: datetime) -> EnrollOutcome:
    expiry = at + timedelta(days=course.access_days) if course.access_days else None
    try:
        with transaction.atomic():
            return _inserted(learner, course, at=at, expiry=expiry)
    except IntegrityError as error:
        # The constraint one_active_enrollment: another request was first, or the row is there and has expired.
        existing = Enrollment.objects.filter(user=learner, course=course, is_active=True)
        renewed = existing.filter(expiry_date__lte=at).update(expiry_date=expiry, enrollment_date=at)
        enrollment = existing.first()
        if enrollment is None:  # neither: the course itself was deleted meanwhile
            raise NotThere from error
        return EnrollOutcome(enrollment, is_new=bool(renewed))


def _inserted(learner: User, course: Course, *, at: datetime, expiry: datetime | None) -> EnrollOutcome:
    enrollment = Enrollment.objects.create(user=learner, course=course, enrollment_date=at, expiry_date=expiry)
    Course.objects.filter(pk=course.pk).update(enrolled_count=F("enrolled_count") + 1, version=F("version") + 1)
    publish_on_commit(LearnerEnrolled(user_id=learner.pk, course_id=course.pk, enrollment_id=enrollment.pk, at=at))
    return EnrollOutcome(enrollment, is_new=True)
