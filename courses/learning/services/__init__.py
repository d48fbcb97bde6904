"""Every write of the room: enrolling, progress, completion, reviews, ends."""

from courses.learning.services.by_hand import grant_by_hand, take_back_by_hand
from courses.learning.services.completing import complete_content
from courses.learning.services.enrolling import PrerequisitesUnmet, enroll_learner
from courses.learning.services.expiring import announce_expiries
from courses.learning.services.granting import AlreadyBought, GrantOutcome, end_access, grant_access
from courses.learning.services.keeping import hold_enrollments
from courses.learning.services.passes import end_pass, give_pass
from courses.learning.services.progress import ProgressOutcome, record_progress
from courses.learning.services.realigning import realign_enrollments
from courses.learning.services.removing import uncount_removed_contents
from courses.learning.services.reviewing import change_review, delete_review, rate_course, write_review
from courses.learning.services.sync import RejectedUpdate, SyncOutcome, UpdateOutcome, sync_progress

__all__ = [
    "AlreadyBought",
    "GrantOutcome",
    "PrerequisitesUnmet",
    "ProgressOutcome",
    "RejectedUpdate",
    "SyncOutcome",
    "UpdateOutcome",
    "announce_expiries",
    "change_review",
    "complete_content",
    "delete_review",
    "end_access",
    "end_pass",
    "enroll_learner",
    "give_pass",
    "grant_access",
    "grant_by_hand",
    "hold_enrollments",
    "rate_course",
    "realign_enrollments",
    "record_progress",
    "sync_progress",
    "take_back_by_hand",
    "uncount_removed_contents",
    "write_review",
]
