"""Enrolling: what a learner may take without anybody giving it to them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Course
from courses.learning.access import owns
from courses.learning.models import AccessGrant, Enrollment
from courses.learning.selectors import prerequisites_unmet
from courses.learning.services.granting import GrantOutcome, NewGrant, open_access
from courses.learning.services.passes import enroll_by_pass, passes_covering
from e_learning.core.api.errors import Conflict, NotThere, PaymentRequired
from e_learning.core.money import CURRENCY


class PrerequisitesUnmet(Conflict):
    code = "prerequisites_unmet"
    message = _("Complete the courses that this one builds on first.")


@dataclass(frozen=True, slots=True)
class EnrollOutcome:
    enrollment: Enrollment
    is_new: bool


def enroll_learner(*, learner: User, course_id: int) -> EnrollOutcome:
    """Enrol ``learner`` in a free course or one that a pass of theirs covers, or hand back the current enrolment.

    Refuses, in this order: 404 (absent or not visible), 402 ``payment_required`` with the price,
    409 ``prerequisites_unmet``. An enrolment that had ended or expired is opened again with its progress.
    The owner and admins enrol without paying, to see their course as learners do.
    """
    at = timezone.now()
    course = Course.objects.visible_to(learner).filter(pk=course_id).first()
    if course is None:
        raise NotThere
    current = Enrollment.objects.current(at).filter(user=learner, course=course).first()
    if current is not None:
        return EnrollOutcome(current, is_new=False)
    if course.archived_at is not None:
        raise NotThere
    source = _source(learner, course, at)
    _check_prerequisites(learner, course)
    opened = _open(learner, course, source, at)
    return EnrollOutcome(Enrollment.objects.get(pk=opened.enrollment_id), is_new=opened.is_new_grant)


def _source(learner: User, course: Course, at: datetime) -> str:
    """Return by what ``learner`` may enrol, else refuse with the price."""
    if course.is_free:
        return AccessGrant.Source.FREE
    if owns(learner, course):
        return AccessGrant.Source.OWN
    if passes_covering(learner.pk, course.pk, at=at).exists():
        return AccessGrant.Source.SUBSCRIPTION
    raise _payment_required(course)


def _payment_required(course: Course) -> PaymentRequired:
    return PaymentRequired(extra={"price": str(course.price), "currency": CURRENCY})


def _check_prerequisites(learner: User, course: Course) -> None:
    missing = prerequisites_unmet(user_id=learner.pk, course_id=course.pk)
    if missing:
        raise PrerequisitesUnmet(_("Complete first: %(titles)s.") % {"titles": ", ".join(missing)})


def _open(learner: User, course: Course, source: str, at: datetime) -> GrantOutcome:
    if source == AccessGrant.Source.SUBSCRIPTION:
        opened = enroll_by_pass(user_id=learner.pk, course_id=course.pk, at=at)
        if opened is None:  # the pass ended since we looked
            raise _payment_required(course)
        return opened
    new = NewGrant(user_id=learner.pk, course_id=course.pk, source=source, starts_at=at)
    return open_access(new, unless_enrolled=True)
