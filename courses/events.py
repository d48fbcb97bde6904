"""Facts that courses announces after the commit: ids and times, nothing that may have changed since."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LearnerEnrolled:
    user_id: int
    course_id: int
    enrollment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrollmentEnded:
    """Told when the last grant of an enrolment was taken back; ``reason`` is the one given. An end by date is an
    ``EnrollmentExpired``.
    """

    user_id: int
    course_id: int
    enrollment_id: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContentCompleted:
    """Told once for each enrolment and content."""

    enrollment_id: int
    content_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ContentsCompleted:
    """What one transaction completed, as (enrolment, content), beside the ``ContentCompleted`` of each: a day offline
    completes many at once, and who has a question to the database asks it once for all of them.
    """

    completed: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CourseCompleted:
    """Told once for each enrolment."""

    user_id: int
    course_id: int
    enrollment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrollmentExpiring:
    """Told once for each enrolment and end, ``ENROLLMENT_NOTICE_DAYS`` before it or as soon as the end is that near."""

    user_id: int
    course_id: int
    enrollment_id: int
    expiry_date: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrollmentExpired:
    """Told once for each enrolment and end, after it has passed."""

    user_id: int
    course_id: int
    enrollment_id: int
    expiry_date: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class AttemptGraded:
    """Told each time a person has graded an essay of the attempt."""

    user_id: int
    attempt_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CoursePublished:
    """Told each time a course is put before learners; it may have been public before."""

    course_id: int
    at: datetime
