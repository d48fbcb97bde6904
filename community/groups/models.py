"""Communities, who belongs to them, and who does not want to hear whom."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.api import enrolled_now
from e_learning.core.storage import public_storage


class CommunityGroup(models.Model):
    """The community of one course, made when the course is published.

    ``member_count`` counts members who neither left nor sleep, ``post_count`` the published posts that begin a
    discussion; both are moved by the services that write what they count, in the same transaction.
    ``private`` is for instructors alone: nobody else knows that it is there.
    """

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public")
        PRIVATE = "private", _("private")
        INSTRUCTOR_MODERATED = "instructor_moderated", _("moderated by instructors")

    course = models.OneToOneField(
        "courses.Course", on_delete=models.CASCADE, related_name="community", verbose_name=_("course")
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    visibility = models.CharField(_("visibility"), max_length=20, choices=Visibility, default=Visibility.PUBLIC)
    require_post_approval = models.BooleanField(_("posts wait for approval"), default=False)
    banner_image = models.ImageField(_("banner"), upload_to="banners", storage=public_storage, blank=True)
    member_count = models.PositiveIntegerField(_("members"), default=0)
    post_count = models.PositiveIntegerField(_("posts"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        ordering = ["title", "id"]
        verbose_name = _("community")
        verbose_name_plural = _("communities")

    def __str__(self) -> str:
        return self.title

    @property
    def holds_posts_back(self) -> bool:
        """Whether what members post waits for approval."""
        return self.require_post_approval or self.visibility == self.Visibility.INSTRUCTOR_MODERATED


def entitled() -> Q:
    """Return the condition of memberships of somebody active who is enrolled in the course at this moment, or an
    instructor of the community, who needs no enrolment.
    """
    enrolled = enrolled_now(user="user_id", course="community__course_id")
    return Q(Q(role=Membership.Role.INSTRUCTOR) | enrolled, user__is_active=True)


class MembershipRows(models.QuerySet["Membership"]):
    def awake(self, at: datetime | None = None) -> "MembershipRows":
        """Memberships that open their community now: entitled, not left, not banned.

        The enrolment itself is asked, never ``asleep_since``.
        """
        now = at or timezone.now()
        not_banned = Q(banned_until__isnull=True) | Q(banned_until__lte=now)
        return self.filter(entitled(), not_banned, left_at__isnull=True)

    def counted(self) -> "MembershipRows":
        """Those that ``member_count`` counts. For the question who may enter, this lags behind."""
        return self.filter(left_at__isnull=True, asleep_since__isnull=True)


class Membership(models.Model):
    """One person's place in one community, kept when they leave, so that a ban or a mute outlives it.

    ``asleep_since`` says since when their enrolment no longer opens the community; it is kept for counts and lists by
    ``align_memberships``, and lags behind. Whether somebody may enter is asked by ``MembershipRows.awake``.
    Muted members read and don't write; banned ones don't even read. Both end by themselves.
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        MODERATOR = "moderator", _("moderator")
        INSTRUCTOR = "instructor", _("instructor")

    community = models.ForeignKey(
        CommunityGroup, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("community")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    asleep_since = models.DateTimeField(_("asleep since"), null=True, blank=True)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    banned_until = models.DateTimeField(_("banned until"), null=True, blank=True)
    email_notifications = models.BooleanField(_("notifications by e-mail"), default=True)
    push_notifications = models.BooleanField(_("notifications on the device"), default=True)

    objects: ClassVar[MembershipRows] = MembershipRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-joined_at", "-id"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["community", "user"], name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.community_id}"

    @property
    def moderates(self) -> bool:
        return self.role != self.Role.MEMBER

    def is_muted(self, at: datetime) -> bool:
        return self.muted_until is not None and self.muted_until > at

    def is_banned(self, at: datetime) -> bool:
        return self.banned_until is not None and self.banned_until > at


class Block(models.Model):
    """``blocker`` does not want to hear ``blocked``: neither writes to the other, and the first
    is spared what the second says.
    """

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_per_pair"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"
