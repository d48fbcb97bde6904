"""What somebody is offered of a course: what it costs, and what stands in the way of buying it."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.api import User
from courses.catalogue.models import Course
from courses.learning.access import owns
from courses.learning.models import AccessGrant, Enrollment, live_access
from courses.learning.selectors import missing_prerequisites, prerequisites_unmet
from e_learning.core.api.errors import NotThere


@dataclass(frozen=True, slots=True)
class CourseOffer:
    """A course for one buyer. ``access_days`` is how long a purchase lasts, None for ever.

    ``is_own``: they own it or are an admin, and need not buy. ``is_enrolled``: they may learn in it now, by
    whatever grant; ``is_bought``: a purchase of theirs is live. ``prerequisites_unmet`` are titles.
    """

    course_id: int
    title: str
    price_paise: int
    access_days: int | None
    is_free: bool
    is_own: bool
    is_enrolled: bool
    is_bought: bool
    prerequisites_unmet: list[str]


def course_offer(*, user: User, course_id: int) -> CourseOffer:
    """Return what ``user`` is offered; 404 where they couldn't enrol: absent, draft, archived.

    One statement, and another for the titles where prerequisites are unmet.
    """
    at = timezone.now()
    enrolled = Enrollment.objects.current(at).filter(user=user, course=OuterRef("pk"))
    bought = AccessGrant.objects.filter(
        live_access(at), user=user, course=OuterRef("pk"), source=AccessGrant.Source.PURCHASE
    )
    rows = Course.objects.visible_to(user).filter(pk=course_id, archived_at=None)
    missing = missing_prerequisites(user_id=user.pk).filter(required_by=OuterRef("pk"))
    course = rows.annotate(is_enrolled=Exists(enrolled), is_bought=Exists(bought), is_for_later=Exists(missing)).first()
    if course is None:
        raise NotThere
    return CourseOffer(
        course_id=course.pk,
        title=course.title,
        price_paise=course.price_paise,
        access_days=course.access_days,
        is_free=course.is_free,
        is_own=owns(user, course),
        is_enrolled=course.is_enrolled,
        is_bought=course.is_bought,
        prerequisites_unmet=prerequisites_unmet(user_id=user.pk, course_id=course.pk) if course.is_for_later else [],
    )
