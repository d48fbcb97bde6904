"""Reviews: one an enrolment, and the course's rating follows in the same transaction."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Course
from courses.catalogue.selectors import visible_course
from courses.learning.access import EnrollmentRequired
from courses.learning.models import Enrollment, Review
from e_learning.core.api.errors import Conflict, NotAllowed, NotThere


class ReviewValues(TypedDict, total=False):
    """``rating`` is 1 to 5; ``comment`` is plain text."""

    rating: int
    comment: str


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    message = _("You have reviewed this course already. Change that review instead.")


class OwnCourse(NotAllowed):
    code = "own_course"
    message = _("You can't review your own course.")


@transaction.atomic
def write_review(*, reviewer: User, course_id: int, values: ReviewValues) -> Review:
    """Add the learner's review of a course.

    An enrolment whose time has run out still counts: who has finished may say what it was like. Refuses,
    in this order: 404 (absent or not visible), 403 for the course's own instructor, 403
    ``enrollment_required``, 409 ``already_reviewed``.
    """
    course = visible_course(reviewer, course_id)
    if course.instructor_id == reviewer.pk:
        raise OwnCourse
    enrollment = Enrollment.objects.filter(user=reviewer, course=course, is_active=True).first()
    if enrollment is None:
        raise EnrollmentRequired
    review = Review(enrollment=enrollment, course=course, user=reviewer, **values)
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError as error:  # one an enrolment: the row's own constraint, also for two at once
        raise AlreadyReviewed from error
    rate_course(course.pk)
    return review


@transaction.atomic
def change_review(*, reviewer: User, review_id: int, values: ReviewValues, now: datetime | None = None) -> Review:
    """Change what ``values`` names of an own review; 404 where it is not the reader's to see, else 403."""
    review = _review_seen_by(reviewer, review_id)
    if review.user_id != reviewer.pk:
        raise NotAllowed
    changed = {**values, "updated_at": now or timezone.now()}
    if not Review.objects.filter(pk=review_id).update(**changed):  # deleted meanwhile
        raise NotThere
    rate_course(review.course_id)
    for name, value in changed.items():
        setattr(review, name, value)
    return review


@transaction.atomic
def delete_review(*, editor: User, review_id: int) -> None:
    """Remove an own review, or any as an admin; refuses as ``change_review``. Twice is 404."""
    review = _review_seen_by(editor, review_id)
    if not (editor.is_admin or review.user_id == editor.pk):
        raise NotAllowed
    removed, _per_table = Review.objects.filter(pk=review_id).delete()
    if not removed:
        raise NotThere
    rate_course(review.course_id)


def _review_seen_by(reader: User, review_id: int) -> Review:
    review = Review.objects.select_related("user").filter(pk=review_id).first()
    if review is None:
        raise NotThere
    own = review.user_id == reader.pk
    if not own and not Course.objects.visible_to(reader).filter(pk=review.course_id).exists():
        raise NotThere
    return review


def rate_course(course_id: int) -> None:
    """Bring the course's rating in line with its reviews, after one was written, in the writer's transaction.

    The course's row is written first: that makes whoever else rates it wait for our commit, and their
    sum, a statement of its own after the wait, sees our review. One statement that sums and writes would
    sum before it waits, and lose one of two.
    """
    _hold_course(course_id)
    given = Review.objects.filter(course_id=course_id).aggregate(stars=Sum("rating"), count=Count("pk"))
    rating = rating_of(given["stars"] or 0, given["count"])
    Course.objects.filter(pk=course_id).update(rating=rating, rating_count=given["count"])


def _hold_course(course_id: int) -> None:
    Course.objects.filter(pk=course_id).update(version=F("version") + 1)


def rating_of(stars: int, count: int) -> Decimal:
    """Return the mean with two decimals, half up; 0 without any review. Not the database's: the two round unlike."""
    return (Decimal(stars) / max(count, 1)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
