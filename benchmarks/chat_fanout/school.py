"""Who talks: a community of everybody, and as many of two people as there are pairs.

Imported once Django is set up for the run's own database.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import CustomUser, Session, UserSettings
from benchmarks.chat_fanout.dialects import Seat
from community.models import ChatRoom, CommunityGroup, Membership
from courses.models import Course, Enrollment
from e_learning.core.api.tokens import issue_access_token

_PEER_TABLES = Path(__file__).with_name("socketio") / "tables.sql"


@dataclass(frozen=True, slots=True)
class Seats:
    """``crowd``: all in one room. ``pairs``: all, two by two."""

    crowd: list[Seat]
    pairs: list[Seat]


def write_communities(people: int) -> Seats:
    """Fill an empty, migrated database for both sides and return who may sit where."""
    [teacher, *members] = _people(people + 1)
    tokens = _tokens(members)
    couples = list(zip(members[::2], members[1::2], strict=True))
    crowd, *pairs = _communities(teacher, [members, *couples])
    with connection.cursor() as cursor:
        cursor.execute(_PEER_TABLES.read_text())
        cursor.execute("VACUUM ANALYZE")
    return Seats(
        [Seat(one.pk, crowd, tokens[one.pk]) for one in members],
        [Seat(one.pk, pair, tokens[one.pk]) for pair, both in zip(pairs, couples, strict=True) for one in both],
    )


def _people(count: int) -> list[CustomUser]:
    people = CustomUser.objects.bulk_create(
        CustomUser(
            email=f"member{number}@bench.school",
            username=f"member{number}",
            full_name=f"Member {number}",
            password="!",
        )
        for number in range(count)
    )
    UserSettings.objects.bulk_create(UserSettings(user=one) for one in people)
    return people


def _tokens(people: list[CustomUser]) -> dict[int, str]:
    now = timezone.now()
    until = now + timedelta(seconds=settings.REFRESH_TOKEN_SECONDS)
    sessions = Session.objects.bulk_create(
        Session(user=one, created_at=now, rotated_at=now, last_seen_at=now, expires_at=until) for one in people
    )
    return {row.user_id: issue_access_token(user_id=row.user_id, session_id=row.pk) for row in sessions}


def _communities(teacher: CustomUser, circles: list[list[CustomUser] | tuple[CustomUser, CustomUser]]) -> list[int]:
    """Return the ids of communities of ``circles``, in their order."""
    now = timezone.now()
    courses = Course.objects.bulk_create(
        Course(instructor=teacher, title=f"Course {number}", is_published=True, published_at=now)
        for number in range(len(circles))
    )
    communities = CommunityGroup.objects.bulk_create(
        CommunityGroup(course=course, title=course.title, member_count=len(circle))
        for course, circle in zip(courses, circles, strict=True)
    )
    ChatRoom.objects.bulk_create(ChatRoom(community=community) for community in communities)
    places = [(community, one) for community, circle in zip(communities, circles, strict=True) for one in circle]
    Enrollment.objects.bulk_create(Enrollment(user=one, course=community.course) for community, one in places)
    Membership.objects.bulk_create(Membership(user=one, community=community) for community, one in places)
    return [community.pk for community in communities]
