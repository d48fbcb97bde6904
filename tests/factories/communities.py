"""Communities for tests, as rows. Counts kept beside rows are set right, as the services would."""

from typing import Any

from django.db.models import F

from accounts.models import CustomUser
from community.models import ChatRoom, CommunityGroup, Membership
from courses.models import Course
from tests.factories.courses import enroll


def make_community(course: Course, **fields: Any) -> CommunityGroup:
    """Return the course's community with its room, and the course's owner in it as instructor."""
    community = CommunityGroup.objects.create(course=course, **({"title": course.title} | fields))
    ChatRoom.objects.create(community=community)
    Membership.objects.create(community=community, user=course.instructor, role="instructor")
    CommunityGroup.objects.filter(pk=community.pk).update(member_count=1)
    community.refresh_from_db()
    return community


def join(user: CustomUser, community: CommunityGroup, **fields: Any) -> Membership:
    """Return ``user``'s membership, with the enrolment it needs; ``fields`` are the membership's."""
    if not community.course.enrollments.filter(user=user, is_active=True).exists():
        enroll(user, community.course)
    membership = Membership.objects.create(community=community, user=user, **fields)
    CommunityGroup.objects.filter(pk=community.pk).update(member_count=F("member_count") + 1)
    return membership
