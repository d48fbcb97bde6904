"""Warning learners who attend too little, once for each percentage of their course."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby

from attendance.events import AttendanceWarned
from attendance.models import AttendancePolicy, AttendanceWarning
from attendance.selectors.percentages import percentages_of
from attendance.selectors.policies import policy_of
from attendance.services.keeping import BATCH
from e_learning.core.events import publish_on_commit
from e_learning.core.inserting import insert_new


def warn_learners(*, course_id: int, user_ids: Collection[int], at: datetime) -> None:
    """Warn those of ``user_ids`` whose percentage is below one of the course's policy, in the caller's transaction.

    A row for each percentage they are below of, which decides that it is told once, for ever and also by two at once;
    each is told of the lowest of their new ones alone. As many statements for one learner as for a class.
    """
    policy = policy_of(course_id)
    if not policy.warn_below:
        return
    due = _due_in(policy, user_ids, at)
    told: set[tuple[int, int]] = set()
    for start in range(0, len(due), BATCH):
        told.update(insert_new(due[start : start + BATCH], returning=["user", "below"]))
    for user_id, belows in groupby(sorted(told), key=lambda row: row[0]):
        below = min(below for _user_id, below in belows)
        publish_on_commit(AttendanceWarned(user_id=user_id, course_id=course_id, below=below, at=at))


def _due_in(policy: AttendancePolicy, user_ids: Collection[int], at: datetime) -> list[AttendanceWarning]:
    """Return a row for each percentage that somebody is below of, in an order: else two who insert might wait for each
    other.
    """
    return [
        AttendanceWarning(course_id=policy.course_id, user_id=user_id, below=below, percent=found.percent, warned_at=at)
        for user_id, found in sorted(percentages_of(policy.course_id, user_ids).items())
        if found.percent is not None and found.counted_sessions >= policy.warn_after_sessions
        for below in sorted(policy.warn_below)
        if found.percent < below
    ]
