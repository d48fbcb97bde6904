"""Who may learn where, and why: grants, and the enrolment that follows from them.

The order of locks: a pass, the enrolments by id, their grants, and the courses by id last. Everything here may
be called within a transaction of the caller's, which a refusal leaves usable.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Course
from courses.events import EnrollmentEnded, LearnerEnrolled
from courses.learning.models import AccessGrant, AccessPass, Enrollment, live_access, not_taken_back
from courses.learning.services.keeping import hold_enrollments
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.events import publish_on_commit

Source = AccessGrant.Source
#: What ends by the course's ``access_days``, unless an end is given.
_BY_THE_COURSE = {Source.FREE, Source.OWN, Source.PURCHASE, Source.COUPON}


class AlreadyBought(Conflict):
    code = "already_bought"
    message = _("This course has been bought already.")


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant to be made: the columns of ``AccessGrant``, whose docstring says what they mean."""

    user_id: int
    course_id: int
    source: str
    starts_at: datetime
    reference: str = ""
    reason: str = ""
    ends_at: datetime | None = None
    granted_by_id: int | None = None
    access_pass: AccessPass | None = None

    def columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class GrantOutcome:
    """The enrolment that the grant opened or keeps open, and whether this call made the grant."""

    enrollment_id: int
    is_new_grant: bool


def grant_access(
    *,
    user_id: int,
    course_id: int,
    source: str,
    reference: str,
    reason: str,
    at: datetime,
    ends_at: datetime | None = None,
    granted_by_id: int | None = None,
    in_savepoint: bool = True,
) -> GrantOutcome:
    """Give somebody access to a course: open the enrolment, or move its end.

    ``source`` is one of ``AccessGrant.Source``. The same source and reference again, also at once, give the
    first outcome again, whatever became of that grant. Without ``ends_at`` the course's ``access_days`` end what
    was bought, redeemed or enrolled for free; a grant by staff has no end then. Refuses with 404 (there is no
    such course) and 409 ``already_bought``: one live purchase a person and course, as the constraint
    ``one_live_purchase`` says. A caller that begins its own transaction anew where a constraint refused something
    spares the savepoint, and is given the ``IntegrityError``.
    """
    return open_access(
        NewGrant(
            user_id=user_id,
            course_id=course_id,
            source=source,
            starts_at=at,
            reference=reference,
            reason=reason,
            ends_at=ends_at,
            granted_by_id=granted_by_id,
        ),
        in_savepoint=in_savepoint,
    )


def open_access(new: NewGrant, *, unless_enrolled: bool = False, in_savepoint: bool = True) -> GrantOutcome:
    """Make the grant and bring the enrolment in line; with ``unless_enrolled`` a current enrolment is left as it is."""
    try:
        with transaction.atomic(savepoint=in_savepoint):
            return _grant(new, unless_enrolled=unless_enrolled)
    except IntegrityError:
        if not in_savepoint:
            raise
        # Somebody else enrolled this person, or granted this reference, since we looked; now both can be seen.
        return _grant_again(new, unless_enrolled=unless_enrolled)


def _grant_again(new: NewGrant, *, unless_enrolled: bool) -> GrantOutcome:
    try:
        with transaction.atomic():
            return _grant(new, unless_enrolled=unless_enrolled)
    except IntegrityError as error:
        bought = AccessGrant.objects.filter(
            user=new.user_id, course=new.course_id, source=Source.PURCHASE, ended_at=None
        )
        if new.source == Source.PURCHASE and bought.exists():
            raise AlreadyBought from error
        raise


def _grant(new: NewGrant, *, unless_enrolled: bool) -> GrantOutcome:
    access_days, is_known, granted_to, is_bought = _facts(new)
    if granted_to is not None:
        return GrantOutcome(granted_to, is_new_grant=False)
    if is_bought and new.source == Source.PURCHASE:
        raise AlreadyBought
    columns = new.columns()
    if new.ends_at is None and new.source in _BY_THE_COURSE and access_days:
        columns["ends_at"] = new.starts_at + timedelta(days=access_days)
    if not is_known:
        return GrantOutcome(_open_first(columns), is_new_grant=True)
    held = hold_enrollments(Enrollment.objects.filter(user=new.user_id, course=new.course_id))
    enrollment = max(held.values(), key=lambda row: (row.is_active, row.pk))
    if unless_enrolled and enrollment.is_current(new.starts_at):
        return GrantOutcome(enrollment.pk, is_new_grant=False)
    _close_expired(enrollment, at=new.starts_at)
    AccessGrant.objects.create(enrollment=enrollment, **columns)
    settle_access([enrollment], at=new.starts_at)
    return GrantOutcome(enrollment.pk, is_new_grant=True)


def _facts(new: NewGrant) -> tuple[int | None, bool, int | None, bool]:
    """Return the course's ``access_days``, is there an enrolment, that of the same grant if made, is it bought."""
    own = AccessGrant.objects.filter(user=new.user_id, course=new.course_id)
    rows = Course.objects.filter(pk=new.course_id).annotate(
        is_known=Exists(Enrollment.objects.filter(user=new.user_id, course=new.course_id)),
        granted_to=Subquery(_the_same(new).values("enrollment_id")[:1]),
        is_bought=Exists(own.filter(live_access(new.starts_at), source=Source.PURCHASE)),
    )
    facts = rows.values_list("access_days", "is_known", "granted_to", "is_bought").first()
    if facts is None:
        raise NotThere
    return facts


def _the_same(new: NewGrant) -> QuerySet[AccessGrant]:
    if not new.reference:
        return AccessGrant.objects.none()
    granted = AccessGrant.objects.filter(
        user=new.user_id, course=new.course_id, source=new.source, reference=new.reference
    )
    return granted.filter(access_pass=new.access_pass, ended_at=None) if new.access_pass else granted


def _open_first(columns: dict[str, Any]) -> int:
    """Make this person's first enrolment in the course, with its grant: there is nothing to be brought in line."""
    whose = {"user_id": columns["user_id"], "course_id": columns["course_id"]}
    at = columns["starts_at"]
    enrollment = Enrollment.objects.create(enrollment_date=at, expiry_date=columns["ends_at"], **whose)
    AccessGrant.objects.create(enrollment=enrollment, **columns)
    publish_on_commit(LearnerEnrolled(enrollment_id=enrollment.pk, at=at, **whose))
    _count({enrollment.course_id: 1})
    return enrollment.pk


def _close_expired(enrollment: Enrollment, *, at: datetime) -> None:
    """Mark as ended what is past its end: it would stand in the way of the purchase that renews it.

    Not what a pass gave: a pass that is renewed late takes its grants along.
    """
    past = AccessGrant.objects.filter(enrollment=enrollment, access_pass=None, ended_at=None, ends_at__lte=at)
    past.update(ended_at=F("ends_at"), ended_reason=AccessGrant.EXPIRED)


def end_access(*, source: str, reference: str, reason: str, at: datetime) -> bool:
    """Take back what was granted under ``reference``; the enrolment ends unless another grant keeps it.

    Says whether this call did it: what was taken back before, or never granted, is left alone.
    """
    return bool(end_grants(AccessGrant.objects.filter(source=source, reference=reference), reason=reason, at=at))


@transaction.atomic
def end_grants(grants: QuerySet[AccessGrant], *, reason: str, at: datetime) -> int:
    """Take back ``grants`` and bring their enrolments in line; returns how many were not taken back before."""
    ids = list(grants.filter(not_taken_back()).order_by().values_list("enrollment_id", flat=True))
    if not ids:
        return 0
    held = hold_enrollments(Enrollment.objects.filter(pk__in=ids))
    ended = mark_ended(grants, reason=reason, at=at)
    if ended:
        settle_access(held.values(), at=at, reason=reason)
    return ended


def mark_ended(grants: QuerySet[AccessGrant], *, reason: str, at: datetime) -> int:
    """Take back ``grants`` and return how many were not before; of those past their end only the reason changes."""
    standing = grants.filter(not_taken_back()).order_by()
    return standing.update(ended_at=Coalesce("ended_at", Value(at)), ended_reason=reason)


def settle_access(held: Collection[Enrollment], *, at: datetime, reason: str = "") -> None:
    """Bring enrolments in line with their grants: open while one is live, until the furthest end; else ended.

    The caller holds them. One that had ended or run out is the same row again, with its progress, and
    enrolled anew from ``at``. Counts and events follow; ``reason`` is that of an end.
    """
    ends: dict[int, list[datetime | None]] = defaultdict(list)
    live = AccessGrant.objects.filter(live_access(at), enrollment__in=[row.pk for row in held])
    for enrollment_id, ends_at in live.order_by().values_list("enrollment_id", "ends_at"):
        ends[enrollment_id].append(ends_at)
    changed, moved = [], Counter[int]()
    for enrollment in held:
        was_active = enrollment.is_active
        if _project(enrollment, ends[enrollment.pk], at=at):
            changed.append(enrollment)
        if enrollment.is_active != was_active:
            moved[enrollment.course_id] += 1 if enrollment.is_active else -1
            _tell(enrollment, at=at, reason=reason)
    if changed:
        Enrollment.objects.bulk_update(changed, ["is_active", "expiry_date", "enrollment_date"])
    _count(moved)


def _project(enrollment: Enrollment, ends: list[datetime | None], *, at: datetime) -> bool:
    """Set what follows from the ends of the live grants; says whether it is something new."""
    before = (enrollment.is_active, enrollment.expiry_date)
    if ends:
        if not enrollment.is_current(at):
            enrollment.enrollment_date = at
        enrollment.expiry_date = furthest(ends)
    enrollment.is_active = bool(ends)
    return before != (enrollment.is_active, enrollment.expiry_date)


def furthest(ends: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of ``ends``, of which None is no end at all."""
    known = list(ends)
    return None if None in known else max(end for end in known if end is not None)


def _tell(enrollment: Enrollment, *, at: datetime, reason: str) -> None:
    whose = {"user_id": enrollment.user_id, "course_id": enrollment.course_id, "enrollment_id": enrollment.pk}
    opened = enrollment.is_active
    publish_on_commit(LearnerEnrolled(**whose, at=at) if opened else EnrollmentEnded(**whose, reason=reason, at=at))


def _count(moved: dict[int, int]) -> None:
    """Move what the courses count, in the order of their ids: two that count several never wait in a ring."""
    for course_id, number in sorted(moved.items()):
        rows = Course.objects.filter(pk=course_id)
        rows.update(enrolled_count=F("enrolled_count") + number, version=F("version") + 1)
