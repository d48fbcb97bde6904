"""Courses for tests, as rows. Counts kept beside rows are set right, as the services would."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import AccessGrant, Content, Course, Enrollment, Module


def make_course(instructor: CustomUser, *, contents: int = 3, published: bool = True, **fields: Any) -> Course:
    """Return a course with one module of ``contents`` texts; free and published unless said otherwise."""
    values = {
        "title": "Alphabet in Signs",
        "is_published": published,
        "published_at": timezone.now() if published else None,
    }
    course = Course.objects.create(instructor=instructor, **(values | fields))
    module = Module.objects.create(course=course, title="First steps", order=1)
    for number in range(1, contents + 1):
        make_content(module, title=f"Lesson {number}", order=number)
    return course


def make_content(module: Module, **fields: Any) -> Content:
    """Return a new content of ``module`` (a text unless said otherwise), counted in its course."""
    values = {
        "title": "A lesson",
        "content_type": "text",
        "text_content": "Secret words",
        "text_html": "<p>Secret words</p>",
    }
    content = Content.objects.create(module=module, **(values | fields))
    course = module.course
    course.content_count += 1
    course.duration += content.video_duration or 0
    course.version += 1
    course.save(update_fields=["content_count", "duration", "version"])
    return content


def enroll(user: CustomUser, course: Course, **fields: Any) -> Enrollment:
    """Return an enrolment as ``fields`` say, with the grant it follows from, counted in its course."""
    enrollment = Enrollment.objects.create(user=user, course=course, **fields)
    began = enrollment.enrollment_date
    if enrollment.expiry_date is not None:
        began = min(began, enrollment.expiry_date - timedelta(seconds=1))
    AccessGrant.objects.create(
        user=user,
        course=course,
        enrollment=enrollment,
        source="free" if course.is_free else "manual",
        starts_at=began,
        ends_at=enrollment.expiry_date,
        ended_at=None if enrollment.is_active else began,
    )
    Course.objects.filter(pk=course.pk).update(
        enrolled_count=F("enrolled_count") + int(enrollment.is_active), version=F("version") + 1
    )
    return enrollment


def leave_all(at: datetime) -> None:
    """Have every enrolment end at ``at``: taken back, with the grants it followed from."""
    AccessGrant.objects.update(ended_at=at)
    Enrollment.objects.update(is_active=False)


def contents_of(course: Course) -> list[Content]:
    return list(Content.objects.filter(module__course=course).order_by("module__order", "order", "id"))
