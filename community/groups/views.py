"""REST faces of communities."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from community.groups.access import standing_in
from community.groups.models import Block, CommunityGroup, Membership
from community.groups.selectors import blocks_of, group_seen_by, groups_known_to, members_of
from community.groups.serializers import (
    BlockSerializer,
    GroupCreateSerializer,
    GroupListQuerySerializer,
    GroupSerializer,
    GroupWriteSerializer,
    MemberListQuerySerializer,
    MemberSerializer,
    own_membership,
)
from community.groups.services import (
    block_user,
    create_group,
    join_group,
    leave_group,
    unblock_user,
    update_group,
)
from e_learning.core.api.asking import asked, sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.parsers import StrictJSONParser
from e_learning.core.api.permissions import SignedIn
from e_learning.core.uploads.forms import PictureForm


@extend_schema_view(get=extend_schema(operation_id="community_groups", parameters=[GroupListQuerySerializer]))
class GroupsView(ListAPIView[CommunityGroup]):
    """The communities that the caller may know of: of public courses, and those they are a member of."""

    permission_classes = [SignedIn]
    serializer_class = GroupSerializer
    queryset = CommunityGroup.objects.none()

    def get_queryset(self) -> QuerySet[CommunityGroup]:
        return groups_known_to(caller_of(self.request), **asked(GroupListQuerySerializer, self.request))

    @extend_schema(
        operation_id="community_groups_create", request=GroupCreateSerializer, responses={201: GroupSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open the community of a course that has none yet, which publishing it also does. Admins."""
        values = sent(GroupCreateSerializer, request)
        course_id = values.pop("course_id")
        group = create_group(admin=caller_of(request), course_id=course_id, values=values)  # type: ignore[arg-type]  # the serializer's fields are its keys
        return Response(GroupSerializer(group).data, status=201)


class GroupView(APIView):
    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, PictureForm]

    @extend_schema(operation_id="community_group", responses=GroupSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A community that the caller may know of."""
        return Response(GroupSerializer(group_seen_by(caller_of(request), pk)).data)

    @extend_schema(operation_id="community_group_update", request=GroupWriteSerializer, responses=GroupSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent. The course's owner, instructors of the community, and admins."""
        values = sent(GroupWriteSerializer, request, partial=True)
        group = update_group(editor=caller_of(request), community_id=pk, values=values)  # type: ignore[arg-type]  # the serializer's fields are its keys
        return Response(GroupSerializer(group).data)


class JoinView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_group_join", request=None, responses=MemberSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Become a member of the community of a course in which the caller is enrolled; a member stays one."""
        user = caller_of(request)
        return Response(own_membership(user, join_group(user=user, community_id=pk)))


class LeaveView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_group_leave", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Leave the community; whoever teaches the course stays (409 `owner_stays`)."""
        leave_group(user=caller_of(request), community_id=pk)
        return Response(status=204)


@extend_schema_view(get=extend_schema(operation_id="community_members", parameters=[MemberListQuerySerializer]))
class MembersView(ListAPIView[Membership]):
    """Who is in the community, by name: for its members. Who left or is no longer enrolled is not listed, and who is
    banned for moderators alone.
    """

    permission_classes = [SignedIn]
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        query = asked(MemberListQuerySerializer, self.request)
        self.standing = standing_in(user=caller_of(self.request), community_id=self.kwargs["pk"])
        return members_of(self.standing, **query)

    def get_serializer_context(self) -> dict[str, Any]:
        return {"viewer": self.standing.user, "moderates": self.standing.moderates}


@extend_schema_view(get=extend_schema(operation_id="community_blocks"))
class BlocksView(ListAPIView[Block]):
    """Whom the caller has blocked, latest first."""

    permission_classes = [SignedIn]
    serializer_class = BlockSerializer
    queryset = Block.objects.none()

    def get_queryset(self) -> QuerySet[Block]:
        return blocks_of(caller_of(self.request))


class BlockView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_block", request=None, responses=BlockSerializer)
    @idempotent
    def post(self, request: Request, user_id: int) -> Response:
        """Hear no more of somebody with whom the caller shares a community. Blocked already answers the same."""
        return Response(BlockSerializer(block_user(user=caller_of(request), user_id=user_id)).data)

    @extend_schema(operation_id="community_unblock", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """Hear them again. Also where they were not blocked."""
        unblock_user(user=caller_of(request), user_id=user_id)
        return Response(status=204)
