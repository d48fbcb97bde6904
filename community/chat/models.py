"""Messages, numbered without gaps, and who is there to read them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.groups.models import CommunityGroup


class ChatRoom(models.Model):
    """Where messages are numbered: the room of a community, or of two people (``low_user`` has the smaller id).

    ``last_seq`` is the number of the last thing that happened here (API §5): a message sent, edited, deleted or
    restored. Whoever takes the next number holds this row until the commit, so numbers have no gaps and become
    visible in their order. ``told_seq`` is how far readers were notified.
    """

    community = models.OneToOneField(
        CommunityGroup,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="room",
        verbose_name=_("community"),
    )
    low_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    high_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    last_seq = models.PositiveBigIntegerField(default=0)
    told_seq = models.PositiveBigIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(community__isnull=False, low_user__isnull=True, high_user__isnull=True)
                | Q(community__isnull=True, low_user__isnull=False, high_user__isnull=False),
                name="room_of_a_community_or_of_two",
            ),
            models.CheckConstraint(
                condition=Q(low_user__isnull=True) | Q(low_user__lt=F("high_user")), name="lower_user_first"
            ),
            models.UniqueConstraint(fields=["low_user", "high_user"], name="one_room_for_two"),
        ]
        indexes = [models.Index(fields=["id"], condition=~Q(told_seq=F("last_seq")), name="rooms_not_told_of")]

    def __str__(self) -> str:
        return f"community {self.community_id}" if self.community_id else f"{self.low_user_id} and {self.high_user_id}"


class Message(models.Model):
    """One message. ``seq`` is the number of what happened to it last, ``sent_seq`` the one it was sent under.

    Always true: no two rows of a room share a ``seq``, and a sender's ``client_id`` stands once in a room, for ever:
    sent again it stores nothing. A message deleted by its sender loses its text; one removed by a moderator keeps it,
    unseen, because a removal can be undone.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        IMAGE = "image", _("picture")
        FILE = "file", _("file")

    room = models.ForeignKey(
        ChatRoom, on_delete=models.CASCADE, related_name="messages", verbose_name=_("room"), db_index=False
    )
    seq = models.PositiveBigIntegerField(_("number"))
    sent_seq = models.PositiveBigIntegerField(_("number when sent"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("sender")
    )
    text = models.TextField(_("text"), max_length=4000)
    message_type = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    client_id = models.UUIDField(null=True, blank=True)
    reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reply to")
    )
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        ordering = ["room", "seq"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_per_number"),
            models.UniqueConstraint(fields=["room", "sent_seq"], name="one_message_sent_per_number"),
            models.UniqueConstraint(
                fields=["room", "sender", "client_id"],
                condition=Q(client_id__isnull=False),
                name="one_message_per_client_id",
            ),
        ]
        indexes = [models.Index(fields=["sender", "-created_at"], name="messages_of_a_sender")]

    def __str__(self) -> str:
        return f"{self.room_id}.{self.seq}"

    @property
    def was_wiped(self) -> bool:
        """Whether its sender deleted it: nothing is left that could be given back."""
        return self.deleted_at is not None and not self.text and not hasattr(self, "attachment")


class Attachment(models.Model):
    """The file that came with a message, judged by its content. ``size`` is in bytes."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="attachment")
    file = models.FileField(_("file"), upload_to="chat")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("bytes"))

    def __str__(self) -> str:
        return self.name


class ReadMark(models.Model):
    """How far one person has read one room: every message up to ``message_id``. It only moves on."""

    room = models.ForeignKey(ChatRoom, on_delete=models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message_id = models.PositiveBigIntegerField()
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="one_read_mark_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.room_id} to {self.message_id}"


class SocketProcess(models.Model):
    """A process that serves sockets, as long as it says so: ``seen_at`` is renewed every few seconds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.id)


class Presence(models.Model):
    """One open socket of one person in one room. A row of a process that is no longer seen counts for nothing."""

    process = models.ForeignKey(SocketProcess, on_delete=models.CASCADE, related_name="presences")
    room = models.ForeignKey(ChatRoom, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["room", "user"], name="presence_in_a_room")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
