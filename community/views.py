"""Faces of one address that need more than one room: what is deleted by its author is removed by a moderator."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import caller_of
from community.chat import views as chat
from community.moderation.serializers import MaybeReasonSerializer
from community.moderation.services import delete_message, delete_post
from community.posts import views as posts
from e_learning.core.api.asking import sent


class PostView(posts.PostView):
    @extend_schema(operation_id="community_post_delete", request=MaybeReasonSerializer, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take an own post back; moderators remove anybody's, and may say why."""
        delete_post(user=caller_of(request), post_id=pk, **sent(MaybeReasonSerializer, request))
        return Response(status=204)


class MessageView(chat.MessageView):
    @extend_schema(operation_id="community_message_delete", request=MaybeReasonSerializer, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete an own message; moderators remove anybody's in their community, and may say why."""
        delete_message(user=caller_of(request), message_id=pk, **sent(MaybeReasonSerializer, request))
        return Response(status=204)
