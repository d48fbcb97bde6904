"""Reading people and their settings."""

from collections.abc import Collection
from typing import Final

from django.db import connection
from django.db.models import FloatField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from accounts.users.models import CustomUser, Role, UserSettings

#: ``CustomUser.is_admin`` as a condition on users.
IS_ADMIN: Final = Q(is_superuser=True) | Q(role=Role.ADMIN)

# As the index of migration 0003 has it. The smaller, the nearer some part of the name is to what was typed.
_NAME_DISTANCE = "((accounts_customuser.full_name || ' '::text) || accounts_customuser.username) <->> %s::text"


def person_seen_by(*, viewer: CustomUser, user_id: int) -> CustomUser | None:
    """Return the user with settings; a deactivated one only to admins, None where there is nobody to see."""
    people = CustomUser.objects.select_related("settings")
    if not viewer.is_admin:
        people = people.filter(is_active=True)
    return people.filter(pk=user_id).first()


def settings_of(user: CustomUser) -> UserSettings:
    """Return the user's settings, or the defaults (not saved) where no row was ever made."""
    found: UserSettings | None = getattr(user, "settings", None)
    return found or UserSettings(user=user)


def admins_among(user_ids: Collection[int]) -> set[int]:
    """Return those of ``user_ids`` who run the platform, in one statement."""
    return set(CustomUser.objects.filter(IS_ADMIN, pk__in=user_ids).values_list("pk", flat=True))


def can_see_whole(*, viewer: CustomUser, person: CustomUser) -> bool:
    """Oneself and admins see everything; others what a course page or a group shows of a person."""
    return viewer.pk == person.pk or viewer.is_admin


def nearest_in_name(people: QuerySet[CustomUser], typed: str) -> QuerySet[CustomUser]:
    """Return ``people`` with their ``name_distance`` (0 to 1), those first whose name looks most like ``typed``.

    By trigrams, along an index, on PostgreSQL; SQLite knows no likeness, and says 1 of everybody.
    """
    if connection.vendor != "postgresql":
        return people.annotate(name_distance=Value(1.0, output_field=FloatField())).order_by("id")
    distance = RawSQL(_NAME_DISTANCE, [typed], output_field=FloatField())  # noqa: S611 - constant
    return people.annotate(name_distance=distance).order_by("name_distance")
