"""Facts that attendance announces after the commit."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClassSoon:
    """Told once for each session and start, ``remind_minutes`` of the course's policy before it."""

    session_id: int
    course_id: int
    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class ClassMoved:
    """A session that lies ahead was given another time; with ``and_following`` all that recur after it were too."""

    session_id: int
    course_id: int
    title: str
    starts_at: datetime
    sequence: int
    and_following: bool = False


@dataclass(frozen=True, slots=True)
class ClassCancelled:
    """A session that lay ahead does not take place; with ``and_following`` none that recurs after it does."""

    session_id: int
    course_id: int
    title: str
    starts_at: datetime
    reason: str
    and_following: bool = False


@dataclass(frozen=True, slots=True)
class ExcuseAsked:
    session_id: int
    course_id: int
    title: str
    user_id: int


@dataclass(frozen=True, slots=True)
class ExcuseDecided:
    session_id: int
    course_id: int
    title: str
    user_id: int
    is_approved: bool


@dataclass(frozen=True, slots=True)
class AttendanceWarned:
    """Told once for each learner, course and percentage of its policy."""

    user_id: int
    course_id: int
    below: int
    at: datetime
