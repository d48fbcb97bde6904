"""Every write of the room: enrolling, progress, completion, reviews, ends."""

from courses.learning.services.completing import complete_content
from courses.learning.services.enrolling import PrerequisitesUnmet, enroll_learner
from courses.learning.services.expiring import announce_expiries
from courses.learning.services.keeping import hold_enrollments
from courses.learning.services.progress import ProgressOutcome, record_progress
from courses.learning.services.removing import uncount_removed_contents
from courses.learning.services.reviewing import change_review, delete_review, rate_course, write_review
from courses.learning.services.sync import RejectedUpdate, SyncOutcome, UpdateOutcome, sync_progress

__all__ = [
    "PrerequisitesUnmet",
    "ProgressOutcome",
    "RejectedUpdate",
    "SyncOutcome",
    "UpdateOutcome",
    "announce_expiries",
    "change_review",
    "complete_content",
    "delete_review",
    "enroll_learner",
    "hold_enrollments",
    "rate_course",
    "record_progress",
    "sync_progress",
    "uncount_removed_contents",
    "write_review",
]
