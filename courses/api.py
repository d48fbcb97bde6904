"""The door of courses: what other apps may use of it. Ids, dataclasses and functions, no rows."""

from courses.learning.access import can_access
from courses.learning.offers import CourseOffer, course_offer
from courses.learning.selectors import GrantRow, enrollment_id_of, learned_percent, live_grants
from courses.learning.services import (
    AlreadyBought,
    GrantOutcome,
    end_access,
    end_pass,
    give_pass,
    grant_access,
)

__all__ = [
    "AlreadyBought",
    "CourseOffer",
    "GrantOutcome",
    "GrantRow",
    "can_access",
    "course_offer",
    "end_access",
    "end_pass",
    "enrollment_id_of",
    "give_pass",
    "grant_access",
    "learned_percent",
    "live_grants",
]
