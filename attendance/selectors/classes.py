"""Who belongs to a session's class, and who is on its roll: the class, and whoever else has a record.

``total``, wherever a session is counted, is how many are on the roll.
"""

from attendance.models import AttendanceRecord, LiveSession
from courses.api import LearnerRow, ids_of_learners_between, is_learner_between, learners_between


def class_of(session: LiveSession) -> list[LearnerRow]:
    """Return who was or is enrolled while the session is, by name: one statement.

    Who enrolled after it was not in the class. Whose enrolment has ended since was, also where it was taken back.
    """
    return learners_between(session.course_id, session.starts_at, session.ends_at)


def roll_size(session: LiveSession) -> int:
    """Return how many are on the roll, in one statement."""
    learners = ids_of_learners_between(session.course_id, session.starts_at, session.ends_at)
    recorded = AttendanceRecord.objects.filter(session=session).order_by().values("user_id")
    return learners.union(recorded).count()


def is_in_class(session: LiveSession, user_id: int) -> bool:
    return is_learner_between(user_id, session.course_id, session.starts_at, session.ends_at)
