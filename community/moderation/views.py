"""REST faces of moderation."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from community.chat.serializers import MessageSerializer
from community.groups.serializers import MemberSerializer
from community.moderation.models import Flag, ModerationAction
from community.moderation.selectors import actions_in, cases_of, queue_of
from community.moderation.serializers import (
    ActionSerializer,
    ApproveSerializer,
    CaseSerializer,
    FlagSerializer,
    MaybeReasonSerializer,
    MemberChangeSerializer,
    PinSerializer,
    ReasonSerializer,
    RejectSerializer,
)
from community.moderation.services import (
    approve_post,
    change_member,
    dismiss_message_flags,
    dismiss_post_flags,
    flag_message,
    flag_post,
    pin_post,
    reject_post,
    restore_message,
    restore_post,
    undo_action,
)
from community.posts.models import Post
from community.posts.selectors import with_reactions
from community.posts.serializers import PostSerializer
from community.posts.views import shown
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.api.permissions import SignedIn

# --- complaints ---------------------------------------------------------------------------------


class FlagPostView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_post_flag",
        request=ReasonSerializer,
        responses={201: FlagSerializer, 200: FlagSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Complain of a post to its moderators; 200 with the first complaint while that is open. Not of one's own
        (409 `own_words`).
        """
        return _flagged(flag_post(reporter=caller_of(request), post_id=pk, **sent(ReasonSerializer, request)))


class FlagMessageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_message_flag",
        request=ReasonSerializer,
        responses={201: FlagSerializer, 200: FlagSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Complain of a message, as of a post. What somebody wrote to the caller alone is seen by admins only."""
        return _flagged(flag_message(reporter=caller_of(request), message_id=pk, **sent(ReasonSerializer, request)))


def _flagged(outcome: tuple[Flag, bool]) -> Response:
    flag, is_new = outcome
    return Response(FlagSerializer(flag).data, status=201 if is_new else 200)


# --- decisions about posts ----------------------------------------------------------------------


class ApproveView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post_approve", request=ApproveSerializer, responses=PostSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Publish a post that waits for approval. Moderators."""
        return shown(
            request, approve_post(moderator=caller_of(request), post_id=pk, **sent(ApproveSerializer, request))
        )


class RejectView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post_reject", request=RejectSerializer, responses=PostSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Refuse a post that waits for approval; its author reads why. Moderators."""
        return shown(request, reject_post(moderator=caller_of(request), post_id=pk, **sent(RejectSerializer, request)))


class PinView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post_pin", request=PinSerializer, responses=PostSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Pin a discussion before all others, or let go of it. Moderators."""
        return shown(request, pin_post(moderator=caller_of(request), post_id=pk, **sent(PinSerializer, request)))


class RestorePostView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post_restore", request=MaybeReasonSerializer, responses=PostSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give back a post that a moderator removed. Moderators."""
        return shown(
            request, restore_post(moderator=caller_of(request), post_id=pk, **sent(MaybeReasonSerializer, request))
        )


class DismissPostFlagsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_post_dismiss_flags", request=MaybeReasonSerializer, responses=ActionSerializer
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Let a post stand that was complained of. Moderators."""
        dismissed = dismiss_post_flags(moderator=caller_of(request), post_id=pk, **sent(MaybeReasonSerializer, request))
        return Response(ActionSerializer(dismissed).data)


# --- decisions about messages -------------------------------------------------------------------


class RestoreMessageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_message_restore", request=MaybeReasonSerializer, responses=MessageSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give back a message that a moderator removed. Moderators."""
        message = restore_message(moderator=caller_of(request), message_id=pk, **sent(MaybeReasonSerializer, request))
        return Response(MessageSerializer(message).data)


class DismissMessageFlagsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_message_dismiss_flags", request=MaybeReasonSerializer, responses=ActionSerializer
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Let a message stand that was complained of. Moderators."""
        dismissed = dismiss_message_flags(
            moderator=caller_of(request), message_id=pk, **sent(MaybeReasonSerializer, request)
        )
        return Response(ActionSerializer(dismissed).data)


# --- decisions about members --------------------------------------------------------------------


class MemberView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_member_update", request=MemberChangeSerializer, responses=MemberSerializer)
    def patch(self, request: Request, pk: int, user_id: int) -> Response:
        """Change one's own notifications, or, as a moderator and with a reason, a member's role, mute or ban.

        403 `rank` for somebody of the caller's own rank or above, and for roles that are not the caller's to give.
        """
        values = sent(MemberChangeSerializer, request)
        reason, actor = values.pop("reason", ""), caller_of(request)
        member = change_member(actor=actor, community_id=pk, user_id=user_id, values=values, reason=reason)  # type: ignore[arg-type]  # the serializer's fields are its keys
        return Response(MemberSerializer(member, context={"viewer": actor, "moderates": actor.pk != user_id}).data)


# --- the queue and the log ----------------------------------------------------------------------


@extend_schema_view(get=extend_schema(operation_id="community_moderation_queue"))
class QueueView(ListAPIView[Any]):
    """What waits for a decision, oldest first: posts held back, and what members complain of. Moderators."""

    permission_classes = [SignedIn]
    serializer_class = CaseSerializer
    queryset = Post.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        return queue_of(moderator=caller_of(self.request), community_id=self.kwargs["pk"])

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        cases = cases_of(super().paginate_queryset(queryset) or [])
        with_reactions([case.post for case in cases if case.post], viewer=caller_of(self.request))
        return cases


@extend_schema_view(get=extend_schema(operation_id="community_moderation_actions"))
class ActionsView(ListAPIView[ModerationAction]):
    """What moderators did, and why, latest first. Moderators."""

    permission_classes = [SignedIn]
    serializer_class = ActionSerializer
    pagination_class = FeedPagination
    feed_time = "created_at"
    queryset = ModerationAction.objects.none()

    def get_queryset(self) -> QuerySet[ModerationAction]:
        return actions_in(moderator=caller_of(self.request), community_id=self.kwargs["pk"])


class UndoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="community_moderation_undo", request=MaybeReasonSerializer, responses={201: ActionSerializer}
    )
    @idempotent
    def post(self, request: Request, pk: int, action_id: int) -> Response:
        """Take a decision back, once: what it changed is set back, unless it was changed since. Moderators.

        409 `undone_already`, `changed_since`, or `not_undoable` for what took a decision back itself.
        """
        undoing = undo_action(
            moderator=caller_of(request),
            action_id=action_id,
            community_id=pk,
            **sent(MaybeReasonSerializer, request),
        )
        return Response(ActionSerializer(undoing).data, status=201)
