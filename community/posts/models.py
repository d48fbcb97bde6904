"""Discussions: posts and replies, what people feel about them, and who has seen them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.groups.models import CommunityGroup


class PostRows(models.QuerySet["Post"]):
    def standing(self) -> "PostRows":
        """Posts that were not removed, whatever their status."""
        return self.filter(deleted_at__isnull=True)

    def counted(self) -> "PostRows":
        """Posts that everybody in their community may read: what counts count."""
        return self.standing().filter(status=Post.Status.PUBLISHED)


class Post(models.Model):
    """A post that begins a discussion, or (with ``parent``) a reply. One that was removed stays: it can be given back.

    ``content`` is what was written (Markdown), ``content_html`` what readers get, made by the service that writes
    ``content``. ``reply_count`` counts published, standing replies to this very post; ``view_count`` people and days.
    ``active_at`` is when the last of those replies was published, or this post; a reply that goes leaves it.
    ``told_at`` is when its readers were notified: a published post without it is found by a sweep.
    """

    class Status(models.TextChoices):
        PUBLISHED = "published", _("published")
        PENDING = "pending", _("waiting for approval")
        REJECTED = "rejected", _("rejected")

    community = models.ForeignKey(
        CommunityGroup, on_delete=models.CASCADE, related_name="posts", verbose_name=_("community")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="posts", verbose_name=_("author")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("reply to"),
        db_index=False,  # the index of replies in their order serves it
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    content = models.TextField(_("content"), max_length=20_000)
    content_html = models.TextField(_("content as shown"), editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PUBLISHED)
    is_pinned = models.BooleanField(_("pinned"), default=False)
    view_count = models.PositiveIntegerField(_("views"), default=0)
    reply_count = models.PositiveIntegerField(_("replies"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)
    active_at = models.DateTimeField(_("last answered"), default=timezone.now)
    deleted_at = models.DateTimeField(_("removed"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[PostRows] = PostRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(
                fields=["community", "-is_pinned", "-created_at", "-id"],
                condition=Q(parent__isnull=True),
                name="discussions_of_a_community",
            ),
            models.Index(fields=["parent", "created_at", "id"], name="replies_in_their_order"),
            models.Index(
                fields=["community", "created_at"],
                condition=Q(status="pending", deleted_at__isnull=True),
                name="posts_that_wait",
            ),
            models.Index(
                fields=["id"], condition=Q(told_at__isnull=True, status="published"), name="posts_not_told_of"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.content[:40]

    @property
    def is_counted(self) -> bool:
        """Whether everybody in its community may read it, as ``PostRows.counted`` asks of rows."""
        return self.deleted_at is None and self.status == self.Status.PUBLISHED


class Reaction(models.Model):
    """What one person feels about one post: one reaction each, another takes its place."""

    class Kind(models.TextChoices):
        LIKE = "like", _("like")
        LOVE = "love", _("love")
        CELEBRATE = "celebrate", _("celebrate")
        INSIGHTFUL = "insightful", _("insightful")
        QUESTION = "question", _("question")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reaction_rows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reaction_type = models.CharField(max_length=12, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="one_reaction_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.reaction_type} {self.post_id}"


class PostView(models.Model):
    """One person saw one post on one day (UTC). Kept for that day, so that they are counted once."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user", "day"], name="one_view_per_person_and_day")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.post_id} on {self.day}"
