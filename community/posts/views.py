"""REST faces of posts."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from community.posts.models import Post, PostRows
from community.posts.selectors import posts_for, with_reactions
from community.posts.serializers import (
    ORDERINGS,
    ListAskedSerializer,
    PostCreateSerializer,
    PostsAskedSerializer,
    PostSerializer,
    PostWriteSerializer,
    ReactSerializer,
    ReplyWriteSerializer,
)
from community.posts.services import create_post, react, see_post, update_post
from e_learning.core.api.asking import asked
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.api.permissions import SignedIn


def shown(request: Request, post: Post, *, status: int = 200) -> Response:
    """Answer the post as the caller sees it."""
    with_reactions([post], viewer=caller_of(request))
    return Response(PostSerializer(post).data, status=status)


class _PostFeed(ListAPIView[Post]):
    permission_classes = [SignedIn]
    serializer_class = PostSerializer
    pagination_class = FeedPagination
    queryset = Post.objects.none()
    query_serializer: type[ListAskedSerializer]
    write_serializer: type[ReplyWriteSerializer]

    def get_queryset(self) -> PostRows:
        query = asked(self.query_serializer, self.request)
        self.feed_order = ORDERINGS[query.get("ordering") or ("oldest" if "parent" in query else "recent")]
        return posts_for(
            caller_of(self.request),
            community_id=self.kwargs.get("pk", query.get("community")),
            parent_id=query.get("parent"),
            status=query["status"],
        )

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return with_reactions(super().paginate_queryset(queryset) or [], viewer=caller_of(self.request))

    def create(self, request: Request) -> Response:
        written = self.write_serializer(data=request.data)
        written.is_valid(raise_exception=True)
        values = written.validated_data
        post = create_post(
            author=caller_of(request),
            community_id=self.kwargs["pk"] if "pk" in self.kwargs else values["community_id"],
            parent_id=values.get("parent_post_id"),
            title=values.get("title", ""),
            content=values["content"],
        )
        return shown(request, post, status=201)


class PostsView(_PostFeed):
    """Posts of all communities that the caller is in, or of one."""

    query_serializer = PostsAskedSerializer
    write_serializer = PostCreateSerializer

    @extend_schema(operation_id="community_posts_list", parameters=[PostsAskedSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Discussions, or the replies to one post. People whom the caller has blocked are left out."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="community_posts_create", request=PostCreateSerializer, responses={201: PostSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a discussion, or answer a post. Where posts wait for approval, the answer's status says `pending`.

        403 `muted`; 409 `not_published` for a reply to a post that waits itself.
        """
        return self.create(request)


class GroupPostsView(_PostFeed):
    """Posts of one community."""

    query_serializer = ListAskedSerializer
    write_serializer = ReplyWriteSerializer

    @extend_schema(operation_id="community_group_posts_list", parameters=[ListAskedSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Discussions, or the replies to one post. People whom the caller has blocked are left out."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="community_group_posts_create", request=ReplyWriteSerializer, responses={201: PostSerializer}
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """As `POST /api/community/posts/`, in the community that the address names."""
        return self.create(request)


class PostView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post", responses=PostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One post; the caller is counted among its views, once a day (UTC)."""
        return shown(request, see_post(user=caller_of(request), post_id=pk))

    @extend_schema(operation_id="community_post_replace", request=PostWriteSerializer, responses=PostSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Write an own post anew. Where posts wait for approval, it waits again. 403 `not_the_author`, `muted`."""
        return self._update(request, pk, PostWriteSerializer(data=request.data))

    @extend_schema(operation_id="community_post_update", request=PostWriteSerializer, responses=PostSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent of an own post. Where posts wait for approval, it waits again."""
        return self._update(request, pk, PostWriteSerializer(data=request.data, partial=True))

    def _update(self, request: Request, pk: int, written: serializers.BaseSerializer[Any]) -> Response:
        written.is_valid(raise_exception=True)
        return shown(request, update_post(editor=caller_of(request), post_id=pk, values=written.validated_data))


class ReactView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_post_react", request=ReactSerializer, responses=PostSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """React to a post, once: another type takes the first one's place, the same again takes it back."""
        asked_for = ReactSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        kind = asked_for.validated_data["reaction_type"]
        return shown(request, react(user=caller_of(request), post_id=pk, reaction_type=kind))
