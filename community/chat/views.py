"""REST faces of chat: the twins of its frames, over the same services."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from accounts.api import caller_of
from community.chat.models import ChatRoom
from community.chat.selectors import Conversation, as_conversations, conversations_of, message_shown, page_of_room
from community.chat.serializers import (
    ConversationSerializer,
    DirectWriteSerializer,
    MessageEditSerializer,
    MessagesAskedSerializer,
    MessageSerializer,
    MessageWriteSerializer,
    ReceiptSerializer,
    RoomAskedSerializer,
    RoomPageSerializer,
    WordsSerializer,
)
from community.chat.services import (
    Posted,
    attachment_read_by,
    edit_message,
    mark_read,
    room_of,
    room_with,
    say_in_community,
    say_to,
)
from e_learning.core.api.asking import asked, sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.api.parsers import StrictJSONParser
from e_learning.core.api.permissions import SignedIn
from e_learning.core.storage import file_address
from e_learning.core.uploads.forms import DocumentForm

_SENT = {201: MessageSerializer, 200: OpenApiResponse(MessageSerializer, "Sent before under its `client_id`.")}


def _sent(posted: Posted) -> Response:
    return Response(posted.message, status=201 if posted.is_new else 200)


def _page(request: Request, *, room_id: int, **query: int) -> Response:
    """Answer a page of a room the caller was let into; its links carry ``after_seq`` or ``before_seq``."""
    page = page_of_room(room_id=room_id, reader=caller_of(request), **query)

    def link(neighbour: dict[str, int] | None) -> str | None:
        if neighbour is None:
            return None
        address = remove_query_param(remove_query_param(request.build_absolute_uri(), "after_seq"), "before_seq")
        return str(replace_query_param(address, *next(iter(neighbour.items()))))

    beside = {"next": link(page.next), "previous": link(page.previous), "has_more": page.has_more}
    return Response({**beside, "results": page.results})


# --- in a community -------------------------------------------------------------------------------
class MessagesView(APIView):
    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, DocumentForm]

    @extend_schema(
        operation_id="community_messages", parameters=[MessagesAskedSerializer], responses=RoomPageSerializer
    )
    def get(self, request: Request) -> Response:
        """What was said in a community, latest first; with `after_seq` what changed since, as it is now."""
        query = asked(MessagesAskedSerializer, request)
        _standing, room_id = room_of(user=caller_of(request), community_id=query.pop("community"))
        return _page(request, room_id=room_id, **query)

    @extend_schema(operation_id="community_messages_send", request=MessageWriteSerializer, responses=_SENT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Say something; everybody in the room gets it. Ask for `client_id` again rather than send twice.

        403 `membership_required`, `banned` or `muted`; 429 past the limit of chat.
        """
        words = sent(MessageWriteSerializer, request)
        return _sent(say_in_community(sender=caller_of(request), **words))


class GroupMessagesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_group_messages", parameters=[RoomAskedSerializer], responses=RoomPageSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        """The same list as `messages/?community=`."""
        query = asked(RoomAskedSerializer, request)
        _standing, room_id = room_of(user=caller_of(request), community_id=pk)
        return _page(request, room_id=room_id, **query)


class MessageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_message_edit", request=MessageEditSerializer, responses=MessageSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Give an own message another text (403 `not_your_message` for any other)."""
        words = sent(MessageEditSerializer, request)
        message = edit_message(editor=caller_of(request), message_id=pk, text=words["message"])
        return Response(message_shown(message))


class MarkAsReadView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_message_read", request=None, responses=ReceiptSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Note that the caller has read up to this message. Reading an older one later changes nothing."""
        return Response(ReceiptSerializer(mark_read(user=caller_of(request), message_id=pk)).data)


class AttachmentView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_message_attachment", responses={302: None})
    def get(self, request: Request, pk: int) -> HttpResponseRedirect:
        """Lead to the message's file: a signed address that passes. Ask here again rather than keep it."""
        attachment = attachment_read_by(user=caller_of(request), message_id=pk)
        return HttpResponseRedirect(file_address(attachment.file, called=attachment.name))


# --- between two people ---------------------------------------------------------------------------
@extend_schema_view(get=extend_schema(operation_id="community_direct"))
class ConversationsView(ListAPIView[ChatRoom]):
    """The caller's conversations, the one that spoke last first, with what was said last and what is unread."""

    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, DocumentForm]
    serializer_class = ConversationSerializer
    pagination_class = FeedPagination
    feed_time = "last_message_at"
    queryset = ChatRoom.objects.none()

    def get_queryset(self) -> QuerySet[ChatRoom]:
        return conversations_of(caller_of(self.request))

    def paginate_queryset(self, queryset: Any) -> list[Conversation]:  # type: ignore[override]  # rows as they are shown
        return as_conversations(super().paginate_queryset(queryset) or [], reader=caller_of(self.request))

    @extend_schema(operation_id="community_direct_begin", request=DirectWriteSerializer, responses=_SENT)
    @idempotent
    def post(self, request: Request) -> Response:
        """Say something to somebody of a common community; 404 for anybody else, 403 `blocked`."""
        words = sent(DirectWriteSerializer, request)
        return _sent(say_to(sender=caller_of(request), **words))


class DirectMessagesView(APIView):
    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, DocumentForm]

    @extend_schema(
        operation_id="community_direct_messages", parameters=[RoomAskedSerializer], responses=RoomPageSerializer
    )
    def get(self, request: Request, user_id: int) -> Response:
        """What the caller and this person said to each other, as `messages/` lists it; 404 where neither has spoken."""
        query = asked(RoomAskedSerializer, request)
        room = room_with(user=caller_of(request), other_id=user_id)
        return _page(request, room_id=room.pk, **query)

    @extend_schema(operation_id="community_direct_send", request=WordsSerializer, responses=_SENT)
    @idempotent
    def post(self, request: Request, user_id: int) -> Response:
        """The same as POST on `direct/`."""
        words = sent(WordsSerializer, request)
        return _sent(say_to(sender=caller_of(request), user_id=user_id, **words))
