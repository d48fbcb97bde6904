"""Opening communities, and what those who teach in them may change."""

from typing import TypedDict

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.access import standing_in
from community.groups.models import CommunityGroup, Membership
from community.groups.selectors import group_seen_by
from community.groups.services.counting import hold, recount_members
from courses.api import CourseRow, course_row, public_courses
from e_learning.core.api.errors import Conflict, NotAllowed, NotThere
from e_learning.core.owned_files import dropped_on_error
from e_learning.core.uploads import JudgedFile


class GroupValues(TypedDict, total=False):
    """What those who teach in a community set. ``banner_image`` None takes it away."""

    title: str
    description: str
    visibility: str
    require_post_approval: bool
    banner_image: JudgedFile | None


class GroupExists(Conflict):
    code = "group_exists"
    message = _("This course has its community already.")


def open_group(*, course_id: int) -> CommunityGroup:
    """Return the course's community; where there was none it is made, with the course's owner as instructor.

    Safe to call any number of times. Refuses: 404 where there is no such course.
    """
    return _opened(course_id, {})[0]


def create_group(*, admin: User, course_id: int, values: GroupValues) -> CommunityGroup:
    """Open the community of a course, public or not, as ``values`` say; its title is the course's unless said.

    Refuses: 403 for who is no admin, 404 where there is no such course, 409 ``group_exists``.
    """
    if not admin.is_admin:
        raise NotAllowed
    group, is_new = _opened(course_id, values)
    if not is_new:
        raise GroupExists
    return group_seen_by(admin, group.pk)


@transaction.atomic
def _opened(course_id: int, values: GroupValues) -> tuple[CommunityGroup, bool]:
    course = course_row(course_id)
    if course is None:
        raise NotThere
    defaults = {"title": course.title, **values}
    group, is_new = CommunityGroup.objects.get_or_create(course_id=course_id, defaults=defaults)
    if is_new:
        seat_owner(community_id=group.pk)
    return group, is_new


@transaction.atomic
def update_group(*, editor: User, community_id: int, values: GroupValues) -> CommunityGroup:
    """Change what ``values`` names. Refuses as ``standing_in``, then 403 ``instructors_only``."""
    standing = standing_in(user=editor, community_id=community_id)
    standing.require_instructor()
    group = standing.community
    with dropped_on_error(group):
        for name, value in values.items():
            setattr(group, name, value)
        group.save(update_fields=list(values))
    return group_seen_by(editor, group.pk)


@transaction.atomic
def seat_owner(*, community_id: int) -> None:
    """Make the owner of the course an instructor of its community, whatever they were there before."""
    group = hold(CommunityGroup.objects.all(), community_id)
    at_home = {"left_at": None, "asleep_since": None, "muted_until": None, "banned_until": None}
    Membership.objects.update_or_create(
        community=group, user_id=group.course.instructor_id, defaults={"role": Membership.Role.INSTRUCTOR, **at_home}
    )
    recount_members(group.pk)


def open_missed_groups() -> int:
    """Open the communities of public courses whose publishing was not heard, and return how many."""
    opened, last = 0, 0
    while page := public_courses(after_id=last):
        missed = _without_group(page)
        for course_id in missed:
            open_group(course_id=course_id)
        opened, last = opened + len(missed), page[-1].id
    return opened


def _without_group(courses: list[CourseRow]) -> list[int]:
    ids = [course.id for course in courses]
    there = set(CommunityGroup.objects.filter(course__in=ids).values_list("course_id", flat=True))
    return [course_id for course_id in ids if course_id not in there]


def seat_changed_owners() -> int:
    """Seat every owner who is no instructor of their course's community: courses change hands. Returns how many.

    Who owned it before stays an instructor until a moderator says otherwise: they may be wanted.
    """
    seats = Membership.objects.counted().filter(role=Membership.Role.INSTRUCTOR, community=OuterRef("pk"))
    is_seated = Exists(seats.filter(user=OuterRef("course__instructor")))
    ids = list(
        CommunityGroup.objects.filter(~is_seated, course__instructor__is_active=True).values_list("pk", flat=True)
    )
    for community_id in ids:
        seat_owner(community_id=community_id)
    return len(ids)
