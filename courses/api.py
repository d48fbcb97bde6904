"""The door of courses: what other apps may use of it. Ids, dataclasses and functions, no rows."""

from courses.learning.access import can_access
from courses.learning.auditing import PassRow, enrollments_out_of_line, live_passes
from courses.learning.offers import CourseOffer, course_offer
from courses.learning.selectors import GrantRow, enrollment_id_of, learned_percent, live_grants
from courses.learning.services import (
    AlreadyBought,
    GrantOutcome,
    end_access,
    end_pass,
    give_pass,
    grant_access,
    realign_enrollments,
)

__all__ = [
    "AlreadyBought",
    "CourseOffer",
    "GrantOutcome",
    "GrantRow",
    "PassRow",
    "can_access",
    "course_offer",
    "end_access",
    "end_pass",
    "enrollment_id_of",
    "enrollments_out_of_line",
    "give_pass",
    "grant_access",
    "learned_percent",
    "live_grants",
    "live_passes",
    "realign_enrollments",
]
