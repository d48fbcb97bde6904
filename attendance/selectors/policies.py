"""How a course keeps its register."""

from zoneinfo import ZoneInfo

from accounts.api import User
from attendance.access import course_kept_with
from attendance.models import AttendancePolicy
from courses.api import CourseRow


def policy_of(course_id: int) -> AttendancePolicy:
    """Return the course's policy: its row, or an unsaved one with the defaults."""
    return AttendancePolicy.objects.filter(course=course_id).first() or AttendancePolicy(course_id=course_id)


def zone_of(policy: AttendancePolicy, course: CourseRow) -> ZoneInfo:
    """Return the course's time zone: that of its policy, else its instructor's."""
    name = policy.timezone or User.objects.values_list("timezone", flat=True).get(pk=course.instructor_id)
    return ZoneInfo(name)


def policy_seen_by(user: User, course_id: int) -> AttendancePolicy:
    """Return the policy. Refuses: 404 to who neither teaches the course nor is currently enrolled in it."""
    return policy_of(course_kept_with(user, course_id).id)
