"""Passes: what a subscription gives, and the grants that live and end with it."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from courses.learning.models import AccessGrant, AccessPass, Enrollment, live_access
from courses.learning.services.granting import GrantOutcome, NewGrant, mark_ended, open_access, settle_access
from courses.learning.services.keeping import hold_enrollments

#: Why a grant ended whose pass lives on.
NOT_COVERED = "not covered any more"


def passes_covering(user_id: int, course_id: int, *, at: datetime) -> QuerySet[AccessPass]:
    """Return the live passes that cover the course, that with the furthest end first."""
    listing = AccessPass.courses.through.objects.filter(course=course_id).values("accesspass")
    covering = Q(covers_all=True) | Q(pk__in=listing)
    passes = AccessPass.objects.filter(live_access(at), covering, user=user_id)
    return passes.order_by(F("ends_at").desc(nulls_first=True), "id")


@transaction.atomic
def enroll_by_pass(*, user_id: int, course_id: int, at: datetime) -> GrantOutcome | None:
    """Enrol by the furthest of the live passes that cover the course; None without any.

    The pass is held: one that is renewed or ended meanwhile would not know of the grant, and leave it behind.
    """
    held = _hold(passes_covering(user_id, course_id, at=at))
    if held is None:
        return None
    new = NewGrant(
        user_id=user_id,
        course_id=course_id,
        source=AccessGrant.Source.SUBSCRIPTION,
        starts_at=at,
        reference=held.reference,
        ends_at=held.ends_at,
        access_pass=held,
    )
    return open_access(new, unless_enrolled=True)


def give_pass(
    *, user_id: int, reference: str, ends_at: datetime | None, course_ids: Collection[int] | None, at: datetime
) -> None:
    """Make the pass ``reference`` what is said here: new, renewed, changed, or begun again after its end.

    ``course_ids`` None: every course. Grants given by the pass take its new end; those of courses that it does
    not cover any more end. It also takes over what other live passes of the same person opened, and, begun
    again, what had ended with it: a change of plan closes nothing that both cover.
    """
    for_pass = AccessPass(user_id=user_id, reference=reference, ends_at=ends_at, covers_all=course_ids is None)
    try:
        _give(for_pass, course_ids or (), at=at)
    except IntegrityError:  # made by another call since we looked: now it is there to be changed
        _give(for_pass, course_ids or (), at=at)


@transaction.atomic
def _give(wanted: AccessPass, course_ids: Collection[int], *, at: datetime) -> None:
    held = _hold(AccessPass.objects.filter(reference=wanted.reference))
    assert held is None or held.user_id == wanted.user_id  # a reference names one subscription, and that one person
    wanted.pk, wanted.starts_at = (held.pk, held.starts_at) if held else (None, at)
    wanted.save(force_insert=held is None, force_update=held is not None)
    wanted.courses.set(course_ids)
    followed = _followed(wanted, held, at=at)
    enrollments = hold_enrollments(Enrollment.objects.filter(pk__in=followed.values("enrollment_id")))
    own = AccessGrant.objects.filter(access_pass=wanted, ended_at=None)
    touched = set(own.values_list("enrollment_id", flat=True))
    mark_ended(own.exclude(_covered_by(wanted, course_ids)), reason=NOT_COVERED, at=at)
    _move_ends(own, wanted.ends_at)
    touched |= _take_over(wanted, followed.filter(_covered_by(wanted, course_ids)), at=at)
    is_past = wanted.ends_at is not None and wanted.ends_at <= at
    reason = AccessGrant.EXPIRED if is_past else NOT_COVERED
    settle_access([row for id_, row in enrollments.items() if id_ in touched], at=at, reason=reason)


def _hold(rows: QuerySet[AccessPass]) -> AccessPass | None:
    return rows.select_for_update(no_key=True).first()


def _covered_by(wanted: AccessPass, course_ids: Collection[int]) -> Q:
    return Q(pk__isnull=False) if wanted.covers_all else Q(course__in=course_ids)


def _followed(wanted: AccessPass, before: AccessPass | None, *, at: datetime) -> QuerySet[AccessGrant]:
    """Return the grants by live passes of this person, and those that ended with this one where it had ended."""
    with_it = Q(access_pass=wanted, ended_at=None)
    if before and before.ended_at:
        with_it = Q(access_pass=wanted, ended_at=before.ended_at, ended_reason=before.ended_reason)
    by_others = live_access(at) & Q(access_pass__isnull=False)
    return AccessGrant.objects.filter(with_it | by_others, user=wanted.user_id).order_by("enrollment_id")


def _move_ends(own: QuerySet[AccessGrant], ends_at: datetime | None) -> None:
    if ends_at is None:
        own.update(ends_at=None)
        return
    # One that began after the new end never gave anything by it.
    mark_ended(own.filter(starts_at__gte=ends_at), reason=AccessGrant.EXPIRED, at=ends_at)
    own.update(ends_at=ends_at)


def _take_over(wanted: AccessPass, followed: QuerySet[AccessGrant], *, at: datetime) -> set[int]:
    """Grant by this pass the courses of ``followed`` that it doesn't give yet; returns their enrolments."""
    if wanted.ends_at is not None and wanted.ends_at <= at:
        return set()
    given = AccessGrant.objects.filter(access_pass=wanted, ended_at=None).values("course_id")
    rows = dict(followed.exclude(course__in=given).values_list("course_id", "enrollment_id"))
    AccessGrant.objects.bulk_create(
        AccessGrant(
            user_id=wanted.user_id,
            course_id=course_id,
            enrollment_id=enrollment_id,
            source=AccessGrant.Source.SUBSCRIPTION,
            reference=wanted.reference,
            access_pass=wanted,
            starts_at=at,
            ends_at=wanted.ends_at,
        )
        for course_id, enrollment_id in rows.items()
    )
    return set(rows.values())


@transaction.atomic
def end_pass(*, reference: str, reason: str, at: datetime) -> bool:
    """End the pass and what it gave; enrolments end unless another grant keeps them. Says whether this call did it."""
    held = _hold(AccessPass.objects.filter(reference=reference))
    if held is None or held.ended_at is not None:
        return False
    held.ended_at, held.ended_reason = at, reason
    held.save(update_fields=["ended_at", "ended_reason"])
    grants = AccessGrant.objects.filter(access_pass=held, ended_at=None)
    enrollments = hold_enrollments(Enrollment.objects.filter(pk__in=grants.values("enrollment_id")))
    mark_ended(grants, reason=reason, at=at)
    settle_access(enrollments.values(), at=at, reason=reason)
    return True
