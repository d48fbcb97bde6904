"""The words of the contract for conversations."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import PublicUserSerializer
from chatbot.conversations.frames import MOST_CHARACTERS, TutorMessage
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.selectors import messages_of, transcript_messages_of
from e_learning.core.api.paths import MOST_ID


class TutorConversationCreateSerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False, allow_null=True)
    content_id = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False, allow_null=True)


class QuestionSerializer(serializers.Serializer[Any]):
    content = serializers.CharField(max_length=MOST_CHARACTERS)


class FeedbackSerializer(serializers.Serializer[Any]):
    helpful = serializers.BooleanField()
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class CitationSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="As the text names it: `[1]`.")
    content_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    title = serializers.CharField()
    quote = serializers.CharField(help_text="Word for word as it stood in the content.")
    start_seconds = serializers.IntegerField(allow_null=True, help_text="Where in the video it is said.")


class TutorMessageSerializer(serializers.Serializer[TutorMessage]):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Message.Role.choices)
    content = serializers.CharField()
    citations = CitationSerializer(many=True)
    model = serializers.CharField(help_text="Who wrote it; empty where the tutor spoke for itself.")
    tokens = serializers.IntegerField(help_text="Read and written.")
    state = serializers.ChoiceField(
        choices=Message.State.choices, help_text="`declined`: the lessons hold no answer, or it is not for the tutor."
    )
    is_helpful = serializers.BooleanField(allow_null=True)
    created_at = serializers.DateTimeField()


class TutorConversationSerializer(serializers.ModelSerializer[Conversation]):
    class Meta:
        model = Conversation
        fields = ["id", "course_id", "content_id", "title", "created_at", "last_message_at"]


class TutorConversationDetailSerializer(TutorConversationSerializer):
    """With its latest 200 messages, oldest first."""

    messages = serializers.SerializerMethodField()

    class Meta(TutorConversationSerializer.Meta):
        fields = [*TutorConversationSerializer.Meta.fields, "messages"]

    @extend_schema_field(TutorMessageSerializer(many=True))
    def get_messages(self, conversation: Conversation) -> Any:
        return [TutorMessageSerializer(message).data for message in messages_of(conversation.pk)]


class TranscriptSerializer(TutorConversationSerializer):
    learner = PublicUserSerializer(source="user")

    class Meta(TutorConversationSerializer.Meta):
        fields = [*TutorConversationSerializer.Meta.fields, "learner"]


class TranscriptDetailSerializer(TranscriptSerializer):
    messages = serializers.SerializerMethodField()

    class Meta(TranscriptSerializer.Meta):
        fields = [*TranscriptSerializer.Meta.fields, "messages"]

    @extend_schema_field(TutorMessageSerializer(many=True))
    def get_messages(self, conversation: Conversation) -> Any:
        return [TutorMessageSerializer(message).data for message in transcript_messages_of(conversation.pk)]
