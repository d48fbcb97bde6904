"""What people are told, and how it reaches them beyond the app."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.chat.models import ChatRoom, ReadMark
from community.groups.models import CommunityGroup
from community.posts.models import Post
from e_learning.core.models import OutgoingMail


class NotificationRows(models.QuerySet["Notification"]):
    def with_seen_at(self) -> "NotificationRows":
        """With ``seen_at``, None while unread: a row of new messages is also read by reading the room."""
        marks = ReadMark.objects.filter(room=OuterRef("room_id"), user=OuterRef("user_id"))
        in_room = marks.filter(read_at__gte=OuterRef("created_at")).values("read_at")
        of_messages = When(notification_type="new_message", then=Coalesce("read_at", Subquery(in_room)))
        return self.annotate(seen_at=Case(of_messages, default="read_at"))

    def unread(self) -> "NotificationRows":
        # The first condition follows from the second, and is what the indexes of the unread can use.
        return self.filter(read_at__isnull=True).with_seen_at().filter(seen_at__isnull=True)  # type: ignore[misc]  # annotated


class Notification(models.Model):
    """One thing that one person was told. ``key`` names what it is about: it is told once a person.

    Of new messages of a room there is at most one unread row a person: it stands for all of them (``count``) until it
    is read. ``title`` and ``message`` are in the language that the person had chosen, and repeat nothing of what people
    wrote but titles, and why a class was cancelled. ``waits_for_mail``: the next mail takes it along; then ``mail`` is
    the one.
    """

    class Kind(models.TextChoices):
        NEW_POST = "new_post", _("new post")
        NEW_REPLY = "new_reply", _("new reply")
        NEW_MENTION = "new_mention", _("new mention")
        NEW_MESSAGE = "new_message", _("new message")
        POST_APPROVED = "post_approved", _("post approved")
        POST_REJECTED = "post_rejected", _("post rejected")
        MODERATOR_ACTION = "moderator_action", _("action of a moderator")
        ENROLLMENT = "enrollment", _("enrolment")
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")
        CERTIFICATE = "certificate", _("certificate")
        ACHIEVEMENT = "achievement", _("achievement")
        CLASS_REMINDER = "class_reminder", _("reminder of a class")
        SYSTEM = "system", _("from the platform")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("user")
    )
    notification_type = models.CharField(_("type"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    message = models.CharField(_("message"), max_length=500, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    community = models.ForeignKey(CommunityGroup, on_delete=models.CASCADE, null=True, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+")
    room = models.ForeignKey(ChatRoom, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    waits_for_mail = models.BooleanField(default=False)
    mail = models.ForeignKey(OutgoingMail, on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[NotificationRows] = NotificationRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="told_once"),
            models.UniqueConstraint(
                fields=["user", "room"],
                condition=Q(notification_type="new_message", read_at__isnull=True),
                name="one_unread_row_per_room",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notifications_of_a_person"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notifications_unread"),
            models.Index(fields=["user"], condition=Q(waits_for_mail=True), name="notifications_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_type} to {self.user_id}"


class MailTurn(models.Model):
    """When one person was last mailed their notifications. Moving it on, from the time that was read, takes the turn:
    of several at once one mails.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="mail_turn"
    )
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} at {self.taken_at}"


class PushDelivery(models.Model):
    """One notification on its way to one device. A conditional update of ``next_attempt_at`` claims it.

    ``device`` is empty once the device is gone; what was queued for it is dropped.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("dropped")
        FAILED = "failed", _("failed")

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="pushes")
    device = models.ForeignKey("accounts.PushDevice", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts to send"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("push to a device")
        verbose_name_plural = _("pushes to devices")
        constraints = [models.UniqueConstraint(fields=["notification", "device"], name="one_push_per_device")]
        indexes = [models.Index(fields=["next_attempt_at"], name="push_due", condition=Q(state="queued"))]

    def __str__(self) -> str:
        return f"{self.notification_id} → {self.device_id}"
