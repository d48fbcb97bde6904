"""What community hears: from everyone below, and its own facts."""

import community.notifications.receivers  # noqa: F401 - registers what notifications hear
from community.groups.receivers import on_course_published, on_enrollment_changed
from courses.events import CoursePublished, EnrollmentEnded, EnrollmentExpired, LearnerEnrolled
from e_learning.core.events import listens_to

listens_to(CoursePublished)(on_course_published)
listens_to(LearnerEnrolled)(on_enrollment_changed)
listens_to(EnrollmentEnded)(on_enrollment_changed)
listens_to(EnrollmentExpired)(on_enrollment_changed)
