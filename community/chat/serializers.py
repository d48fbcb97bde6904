"""The words of the contract for messages. What leaves is made by ``selectors.message_shown``, for sockets too."""

from typing import Any

import msgspec
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from accounts.api import PublicUserSerializer
from community.chat.models import Message
from community.chat.selectors import Shown, message_shown
from e_learning.core.api.pagination import MOST_PAGE_SIZE, PAGE_SIZE
from e_learning.core.api.paths import MOST_ID
from e_learning.core.uploads import DOCUMENT, PICTURE
from e_learning.core.uploads.forms import JudgedFileField


# --- what is asked --------------------------------------------------------------------------------
class RoomAskedSerializer(serializers.Serializer[Any]):
    after_seq = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_ID, help_text="What changed after it, in the order of `seq`."
    )
    before_seq = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_ID, help_text="What was sent before it, latest first."
    )
    page_size = serializers.IntegerField(
        required=False, default=PAGE_SIZE, min_value=1, help_text=f"At most {MOST_PAGE_SIZE}; more is as much."
    )

    def validate_page_size(self, size: int) -> int:
        return min(size, MOST_PAGE_SIZE)


class MessagesAskedSerializer(RoomAskedSerializer):
    community = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class WordsSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(
        required=False,
        default="",
        trim_whitespace=False,
        allow_blank=True,
        help_text="At most 4000 characters; empty only beside a file.",
    )
    client_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Sent again, the same message is answered, and nothing is stored."
    )
    reply_to_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST_ID)
    message_type = serializers.ChoiceField(choices=Message.Kind.choices, required=False, help_text="A file decides it.")
    attachment = JudgedFileField(
        families=(PICTURE, DOCUMENT), required=False, help_text="As a part of a form: a picture or a document."
    )


class MessageWriteSerializer(WordsSerializer):
    community_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class DirectWriteSerializer(WordsSerializer):
    user_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class MessageEditSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(trim_whitespace=False, allow_blank=True)


# --- what is answered -----------------------------------------------------------------------------
class AttachmentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    url = serializers.CharField(help_text="Asks for the same token, and leads to the file.")


class MessageSerializer(serializers.Serializer[Message]):
    """A message as it is now."""

    message_id = serializers.IntegerField()
    seq = serializers.IntegerField(help_text="The number of what happened to it last.")
    client_id = serializers.UUIDField(allow_null=True)
    community_id = serializers.IntegerField(allow_null=True, help_text="Null between two people.")
    message = serializers.CharField()
    message_type = serializers.ChoiceField(choices=Message.Kind.choices)
    sender_id = serializers.IntegerField(allow_null=True)
    sender_name = serializers.CharField()
    reply_to_id = serializers.IntegerField(allow_null=True)
    attachment = AttachmentSerializer(allow_null=True)
    status = serializers.ChoiceField(choices=["sent"])
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Message) -> Any:
        return msgspec.to_builtins(message_shown(instance))


class DeletedMessageSerializer(serializers.Serializer[Any]):
    """What is left of a deleted message, and what is seen of those whom the reader has blocked."""

    message_id = serializers.IntegerField()
    seq = serializers.IntegerField()
    is_deleted = serializers.BooleanField(help_text="Always true.")


MaybeMessage = PolymorphicProxySerializer(
    component_name="MessageOrStub",
    serializers=[MessageSerializer, DeletedMessageSerializer],
    resource_type_field_name=None,
)


@extend_schema_field(MaybeMessage)
class ShownField(serializers.Field[Shown, Any, Any, Any]):
    def to_representation(self, value: Shown) -> Any:
        return msgspec.to_builtins(value)


class RoomPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    has_more = serializers.BooleanField(help_text="Whether `next` leads to anything.")
    results = serializers.ListField(child=ShownField())


class ReceiptSerializer(serializers.Serializer[Any]):
    message_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    read_count = serializers.IntegerField(help_text="How many have read as far, its sender not counted.")


class ConversationSerializer(serializers.Serializer[Any]):
    user = PublicUserSerializer()
    last_message = ShownField()
    unread_count = serializers.IntegerField()
    last_message_at = serializers.DateTimeField()
