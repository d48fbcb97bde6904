"""Asha's course and its community; Bilal is enrolled in the one and not yet in the other."""

import pytest

from accounts.models import CustomUser
from community.models import CommunityGroup
from courses.models import Course, Enrollment
from tests.factories.communities import make_community
from tests.factories.courses import enroll, make_course


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, contents=0)


@pytest.fixture
def community(course: Course) -> CommunityGroup:
    return make_community(course)


@pytest.fixture
def enrollment(course: Course, bilal: CustomUser) -> Enrollment:
    return enroll(bilal, course)
