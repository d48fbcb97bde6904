"""Courses kept to be found again."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.models import Course
from courses.catalogue.selectors import bookmarked_courses
from courses.catalogue.serializers import BookmarkSerializer, CourseSummarySerializer, course_summary
from courses.catalogue.services import add_bookmark, remove_bookmark
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn


class BookmarkView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="bookmarks_create",
        request=None,
        responses={201: BookmarkSerializer, 200: OpenApiResponse(BookmarkSerializer, "Kept already.")},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Keep a course to find it again; kept already answers 200 with the same."""
        bookmark, is_new = add_bookmark(user=caller_of(request), course_id=pk)
        return Response(BookmarkSerializer(bookmark).data, status=201 if is_new else 200)

    @extend_schema(operation_id="bookmarks_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take the bookmark away; also when there is none."""
        remove_bookmark(user=caller_of(request), course_id=pk)
        return Response(status=204)


class _Summaries(CourseSummarySerializer):
    def to_representation(self, instance: Course) -> dict[str, Any]:
        return course_summary(instance)


@extend_schema_view(
    get=extend_schema(operation_id="bookmarks_list", responses=CourseSummarySerializer(many=True)),
)
class BookmarksView(ListAPIView[Course]):
    """The caller's bookmarked courses, the latest bookmark first."""

    permission_classes = [SignedIn]
    serializer_class: type[serializers.BaseSerializer[Any]] = _Summaries
    queryset = Course.objects.none()

    def get_queryset(self) -> QuerySet[Course]:
        return bookmarked_courses(caller_of(self.request))
