"""What members complain of, and what moderators did about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.chat.models import Message
from community.groups.models import CommunityGroup, Membership
from community.posts.models import Post

LONGEST_REASON = LONGEST_EXCERPT = 500


def _just_one_of(*names: str) -> Q:
    """Return the condition that one of these columns is set, and the others are not."""
    only_one = Q()
    for name in names:
        only_one |= Q(**{f"{other}__isnull": other != name for other in names})
    return only_one


class ModerationAction(models.Model):
    """What one moderator did, and why. Never changed but by its undoing, which is an action of its own.

    ``before`` and ``after`` hold the columns that were changed, as they were and as they became: undoing sets
    ``before`` back while ``after`` still stands. Without a community it is about a message between two people,
    which only admins of the platform moderate.
    """

    class Verb(models.TextChoices):
        APPROVE = "approve", _("approved")
        REJECT = "reject", _("rejected")
        REMOVE = "remove", _("removed")
        RESTORE = "restore", _("restored")
        DISMISS = "dismiss", _("dismissed the complaint")
        PIN = "pin", _("pinned")
        UNPIN = "unpin", _("unpinned")
        MUTE = "mute", _("muted")
        UNMUTE = "unmute", _("unmuted")
        BAN = "ban", _("banned")
        UNBAN = "unban", _("unbanned")
        ROLE = "role", _("changed the role")
        UNDO = "undo", _("took a decision back")

    community = models.ForeignKey(
        CommunityGroup, on_delete=models.CASCADE, null=True, related_name="actions", verbose_name=_("community")
    )
    verb = models.CharField(_("what was done"), max_length=10, choices=Verb)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("post"))
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("message")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("member")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("moderator")
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    undone_by = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, related_name="undoes", verbose_name=_("undone by")
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("action of a moderator")
        verbose_name_plural = _("actions of moderators")
        constraints = [
            models.CheckConstraint(condition=_just_one_of("post", "message", "membership"), name="action_on_one_thing"),
            models.CheckConstraint(condition=~Q(reason=""), name="action_has_a_reason"),
        ]
        indexes = [models.Index(fields=["community", "-created_at", "-id"], name="actions_in_a_community")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_id}"


class Flag(models.Model):
    """One member's complaint about one post or message. ``excerpt`` is what stood there when they complained.

    Without a community it is about a message between two people.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    community = models.ForeignKey(
        CommunityGroup, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("community")
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("post"))
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("message")
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("reporter")
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    excerpt = models.CharField(_("what it was about"), max_length=LONGEST_EXCERPT, blank=True)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.OPEN)
    closed_by = models.ForeignKey(ModerationAction, on_delete=models.SET_NULL, null=True, related_name="closed_flags")
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            models.CheckConstraint(condition=_just_one_of("post", "message"), name="flag_of_a_post_or_a_message"),
            models.UniqueConstraint(
                fields=["post", "reporter"], condition=Q(state="open"), name="one_open_flag_per_post_and_reporter"
            ),
            models.UniqueConstraint(
                fields=["message", "reporter"], condition=Q(state="open"), name="one_open_flag_per_message_and_reporter"
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "-created_at"], name="flags_of_a_community")]

    def __str__(self) -> str:
        return f"{self.reporter_id}: {self.reason[:40]}"


class Waiting(Flag):
    """Stands in the back office for all that waits for a decision: complaints, and posts held back."""

    class Meta:
        proxy = True
        verbose_name = _("waiting for a decision")
        verbose_name_plural = _("waiting for a decision")
