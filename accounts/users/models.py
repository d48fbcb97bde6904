"""Who people are."""

import re
import secrets
import unicodedata
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from e_learning.core.storage import public_storage


def normalized_email(email: str) -> str:
    """Return the form in which addresses are stored and compared: NFKC, no outer space, lower case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def validate_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(
            _("%(name)s is not a time zone."), params={"name": name}, code="unknown_timezone"
        ) from error


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    PARENT = "parent", _("parent")
    INSTRUCTOR = "instructor", _("instructor")
    ADMIN = "admin", _("admin")


class UserRows(BaseUserManager["CustomUser"]):
    """Makes users for the shell and the test suite; the API goes through accounts.users.services."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "CustomUser":
        user = self.model(email=normalized_email(email), **fields)
        user.username = user.username or self.model.username_for(user.email)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "CustomUser":
        return self.create_user(
            email, password, **{"role": Role.ADMIN, "is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "CustomUser":
        return self.get(email=normalized_email(username or ""))


class CustomUser(AbstractBaseUser, PermissionsMixin):
    """One person who can sign in. The e-mail address, stored in lower case, is what they sign in with.

    Always true: no two rows share an address or a username, in any letter case. ``role`` is read
    from here with every request, never from a token, so a change holds at once.
    """

    email = models.EmailField(_("e-mail address"), max_length=254)
    username = models.CharField(
        _("username"),
        max_length=40,
        validators=[RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, dot, dash and underscore."))],
    )
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.STUDENT)
    mobile_number = models.CharField(
        _("mobile number"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^\+?[0-9 ()-]{6,20}\Z", _("A telephone number."))],
    )
    profile_image = models.ImageField(_("portrait"), upload_to="portraits", storage=public_storage, blank=True)
    grade_level = models.CharField(_("grade"), max_length=20, blank=True)
    native_language = models.CharField(_("native language"), max_length=20, blank=True)
    target_languages = models.JSONField(_("languages to learn"), default=list, blank=True)
    learning_preferences = models.JSONField(_("learning preferences"), default=dict, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    email_verified = models.BooleanField(_("e-mail verified"), default=False)
    subscription_tier = models.CharField(_("subscription tier"), max_length=20, default="free")
    streak_count = models.PositiveIntegerField(_("streak in days"), default=0)
    total_points = models.PositiveIntegerField(_("points"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=now)

    objects: ClassVar[UserRows] = UserRows()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["email"], name="one_user_per_email"),
            models.UniqueConstraint(Lower("email"), name="one_user_per_email_any_case"),
            models.UniqueConstraint(Lower("username"), name="one_user_per_username_any_case"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A password set on an existing user (by a page of the admin, in the shell) ends the user's sessions."""
        password_replaced = getattr(self, "_password", None) is not None and not self._state.adding
        super().save(*args, **kwargs)
        if password_replaced:
            self.sessions.end("password")

    def clean(self) -> None:
        self.email = normalized_email(self.email)

    @property
    def is_admin(self) -> bool:
        """Whether this person runs the platform: sees and may change every course."""
        return self.is_superuser or self.role == Role.ADMIN

    @property
    def may_teach(self) -> bool:
        return self.is_admin or self.role == Role.INSTRUCTOR

    @property
    def daily_goal(self) -> int:
        """Lessons a day, from the settings; the default where no settings row was made (the shell, the admin)."""
        return (getattr(self, "settings", None) or UserSettings(user=self)).daily_goal

    @staticmethod
    def username_for(email: str) -> str:
        """Return a free-looking username for ``email``; the random end keeps it from telling who has an address."""
        stem = re.sub(r"[^\w.-]", "", email.partition("@")[0])[:24] or "user"
        return f"{stem}-{secrets.token_hex(4)}"


class UserSettings(models.Model):
    """How one person wants the app to behave. Made with the user; the goal is lessons a day."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Digest(models.TextChoices):
        OFF = "off", _("off")
        INSTANT = "instant", _("at once")
        DAILY = "daily", _("daily")

    user = models.OneToOneField(
        CustomUser, on_delete=models.CASCADE, primary_key=True, related_name="settings", verbose_name=_("user")
    )
    theme = models.CharField(_("appearance"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    locale = models.CharField(_("language"), max_length=10, default="en")
    notifications_enabled = models.BooleanField(_("notifications"), default=True)
    email_notifications = models.BooleanField(_("notifications by e-mail"), default=True)
    push_notifications = models.BooleanField(_("notifications on the device"), default=True)
    email_digest = models.CharField(_("digest by e-mail"), max_length=10, choices=Digest, default=Digest.DAILY)
    daily_goal = models.PositiveSmallIntegerField(_("lessons a day"), default=1, validators=[MaxValueValidator(100)])

    class Meta:
        verbose_name = _("settings")
        verbose_name_plural = _("settings")

    def __str__(self) -> str:
        return str(self.user_id)

    @property
    def learning_preferences(self) -> dict[str, Any]:
        """The user's, shown among the settings too: there is one column, in the user's row."""
        preferences: dict[str, Any] = self.user.learning_preferences
        return preferences
