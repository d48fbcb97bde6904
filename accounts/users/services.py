"""Writing people: registering, changing profile and settings, closing an account to its owner."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.events import ProfileChanged
from accounts.users.models import CustomUser, Role, UserSettings
from accounts.users.passwords import require_good_password
from e_learning.core.api.errors import InvalidInput
from e_learning.core.events import publish_on_commit
from e_learning.core.mail import queue_mail
from e_learning.core.owned_files import dropped_on_error
from e_learning.core.uploads import JudgedFile

#: Changes of these are announced: other apps show them beside what the person wrote or teaches.
_SHOWN_TO_OTHERS = frozenset({"full_name", "username", "profile_image"})


class EmailTaken(InvalidInput):
    code = "email_taken"
    message = _("This e-mail address is in use.")


class UsernameTaken(InvalidInput):
    code = "username_taken"
    message = _("This username is in use.")


class Profile(TypedDict, total=False):
    """What a person says of themselves."""

    username: str
    full_name: str
    mobile_number: str
    grade_level: str
    native_language: str
    target_languages: list[str]
    learning_preferences: dict[str, Any]
    timezone: str
    profile_image: JudgedFile | None


class Preferences(TypedDict, total=False):
    """What a person sets in the app."""

    theme: str
    locale: str
    notifications_enabled: bool
    email_notifications: bool
    push_notifications: bool
    email_digest: str
    daily_goal: int
    learning_preferences: dict[str, Any]


def register_user(*, email: str, password: str, role: str = Role.STUDENT, profile: Profile) -> CustomUser:
    """Make a user with settings and queue the mail that verifies the address (given in its normalized form).

    Refuses a weak password, and an address or username in use: the constraints decide, so of two
    at once one is made. The caller has limited how often this may be tried.
    """
    user = CustomUser(email=email, role=role, **profile)
    require_good_password(password, user=user, attr="password")  # compared with what the person chose, so before:
    user.username = user.username or CustomUser.username_for(email)
    user.set_password(password)  # before the transaction: hashing is slow, and SQLite has one writer
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            UserSettings.objects.create(user=user)
            queue_mail(kind="verify_email", recipient=email)
    except IntegrityError as error:
        raise _taken(error) from error
    return user


def update_profile(*, user: CustomUser, profile: Profile, daily_goal: int | None = None) -> CustomUser:
    """Write what is given of the profile; announces ``ProfileChanged`` where others see the difference."""
    changed = [name for name, value in profile.items() if getattr(user, name) != value]
    try:
        with dropped_on_error(user), transaction.atomic():
            for name in changed:
                setattr(user, name, profile[name])  # type: ignore[literal-required]  # a key of the profile itself
            if changed:
                user.save(update_fields=changed)
            if daily_goal is not None:
                update_settings(user=user, preferences={"daily_goal": daily_goal})
            if not _SHOWN_TO_OTHERS.isdisjoint(changed):
                publish_on_commit(ProfileChanged(user_id=user.pk))
    except IntegrityError as error:
        raise _taken(error) from error
    return user


def update_settings(*, user: CustomUser, preferences: Preferences) -> UserSettings:
    """Write what is given, and return the settings as they are now. Makes the row where it was missing."""
    changes = {name: value for name, value in preferences.items() if name != "learning_preferences"}
    with transaction.atomic():
        if "learning_preferences" in preferences:
            user.learning_preferences = preferences["learning_preferences"]
            user.save(update_fields=["learning_preferences"])
        kept, _made = UserSettings.objects.update_or_create(user_id=user.pk, defaults=changes)
    user.settings = kept
    return kept


def set_active(*, user_ids: Iterable[int], active: bool) -> int:
    """Open or close accounts; returns how many changed. Holds on each user's next request, whatever token they hold."""
    return CustomUser.objects.filter(pk__in=user_ids, is_active=not active).update(is_active=active)


def set_subscription_tier(*, user_id: int, tier: str) -> bool:
    """Show the person under this tier from now on; returns whether it was another one.

    What the tier opens is decided where it was bought: here it is only shown, and no session ends by it.
    """
    return bool(CustomUser.objects.filter(pk=user_id).exclude(subscription_tier=tier).update(subscription_tier=tier))


def _taken(error: IntegrityError) -> Exception:
    """Say which constraint refused: PostgreSQL names it, SQLite writes column or index into its message."""
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None) or str(error)
    if "username" in constraint:
        return UsernameTaken(attr="username")
    if "email" in constraint:
        return EmailTaken(attr="email")
    return error
