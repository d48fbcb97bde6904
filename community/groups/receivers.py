"""What communities hear of the courses below. The work is a task's: whoever enrols or publishes waits for nothing."""

from community.groups.tasks import align_memberships, open_group
from courses.events import CoursePublished, EnrollmentEnded, EnrollmentExpired, LearnerEnrolled
from e_learning.core.wake import wake_on_commit


def on_course_published(event: CoursePublished) -> None:
    wake_on_commit(open_group, event.course_id)


def on_enrollment_changed(event: LearnerEnrolled | EnrollmentEnded | EnrollmentExpired) -> None:
    wake_on_commit(align_memberships, event.course_id, event.user_id)
