"""A course of Asha's that Bilal is enrolled in and Chitra is not, with one live session that is open for check-in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import LiveSession
from courses.models import Course
from tests.factories.classes import make_session
from tests.factories.courses import enroll, make_course


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha)
    enroll(bilal, course, enrollment_date=timezone.now() - timedelta(days=100))
    return course


@pytest.fixture
def session(course: Course) -> LiveSession:
    return make_session(course)
