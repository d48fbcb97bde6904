"""REST faces of conversations."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from chatbot.conversations.frames import Said
from chatbot.conversations.models import Conversation
from chatbot.conversations.selectors import conversation_of, conversations_of, transcript_for, transcripts_for
from chatbot.conversations.serializers import (
    FeedbackSerializer,
    QuestionSerializer,
    TranscriptDetailSerializer,
    TranscriptSerializer,
    TutorConversationCreateSerializer,
    TutorConversationDetailSerializer,
    TutorConversationSerializer,
    TutorMessageSerializer,
)
from chatbot.conversations.services import ask, delete_conversation, open_conversation, rate_answer
from chatbot.conversations.streams import EVENT_STREAM, stream_of, wants_stream
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent, idempotent_over_gateway
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.api.permissions import SignedIn


@extend_schema_view(get=extend_schema(operation_id="chatbot_conversations"))
class ConversationsView(ListAPIView[Conversation]):
    """The caller's own conversations, the one last spoken in first."""

    permission_classes = [SignedIn]
    serializer_class = TutorConversationSerializer
    pagination_class = FeedPagination
    feed_time = "last_message_at"
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        return conversations_of(caller_of(self.request))

    @extend_schema(
        operation_id="chatbot_conversations_create",
        request=TutorConversationCreateSerializer,
        responses={201: TutorConversationSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a conversation about a course that is open to the caller, about one of its contents, or about any.

        Whoever teaches a course may read the conversations about it, with the learner's name; those without a course
        nobody else reads. What raises a flag (self-harm, abuse, violence, sexual content) is read by staff alone.
        """
        conversation = open_conversation(user=caller_of(request), **sent(TutorConversationCreateSerializer, request))
        return Response(TutorConversationSerializer(conversation).data, status=201)


class ConversationView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_conversation", responses=TutorConversationDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """An own conversation with its latest 200 messages, oldest first."""
        return Response(TutorConversationDetailSerializer(conversation_of(caller_of(request), pk)).data)

    @extend_schema(operation_id="chatbot_conversation_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete an own conversation with all that was said. 409 `answer_pending` while an answer is being written."""
        delete_conversation(user=caller_of(request), conversation_id=pk)
        return Response(status=204)


class MessagesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="chatbot_ask",
        request=QuestionSerializer,
        responses={201: TutorMessageSerializer, (200, EVENT_STREAM): OpenApiTypes.STR},
    )
    def post(self, request: Request, pk: int) -> HttpResponseBase:
        """Ask the tutor. It answers from the lessons that are open to the caller, and says so where they hold nothing.

        With `Accept: text/event-stream` the answer comes as it is written: `delta` `{content}`, after the last words
        `citation` `{…}` for each, then `done` `{the message}`, or at any time `error` `{code, detail}`. A reader who
        goes away ends it. Such a stream takes no `Idempotency-Key`. Refuses: 409 `answer_pending`, 429
        `tutor_budget_spent` with the seconds until the next day.
        """
        answer = self._as_stream if wants_stream(request._request) else self._whole
        return answer(request, pk)

    @idempotent_over_gateway
    def _whole(self, request: Request, pk: int) -> Response:
        *_parts, done = _begin(request, pk)()
        message = msgspec.to_builtins(done)
        del message["type"]
        return Response(message, status=201)

    def _as_stream(self, request: Request, pk: int) -> HttpResponseBase:
        return stream_of(request._request, _begin(request, pk), language=get_language())


def _begin(request: Request, conversation_id: int) -> partial[Iterator[Said]]:
    values: dict[str, Any] = sent(QuestionSerializer, request)
    user = caller_of(request)
    return partial(ask, user=user, conversation_id=conversation_id, language=get_language(), **values)


class FeedbackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_feedback", request=FeedbackSerializer, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Say whether an answer helped; the last word counts. Own answers."""
        rate_answer(user=caller_of(request), message_id=pk, **sent(FeedbackSerializer, request))
        return Response(status=204)


@extend_schema_view(get=extend_schema(operation_id="chatbot_transcripts"))
class TranscriptsView(ListAPIView[Conversation]):
    """What learners asked about a course, the latest first, by name: for the course's owner and admins."""

    permission_classes = [SignedIn]
    serializer_class = TranscriptSerializer
    pagination_class = FeedPagination
    feed_time = "last_message_at"
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        return transcripts_for(caller_of(self.request), self.kwargs["pk"])


class TranscriptView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_transcript", responses=TranscriptDetailSerializer)
    def get(self, request: Request, pk: int, conversation_id: int) -> Response:
        """One conversation about the course, as its owner may read it: without what was flagged."""
        return Response(TranscriptDetailSerializer(transcript_for(caller_of(request), pk, conversation_id)).data)
