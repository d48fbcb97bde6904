"""Public reads of the catalogue, and the making of courses."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.listing import CourseQuery, counts_of, courses_asked_for
from courses.catalogue.selectors import category_tree
from courses.catalogue.serializers import (
    AuthoredCourseSerializer,
    CategoryNodeSerializer,
    CourseListQuerySerializer,
    CourseListSerializer,
    CourseWriteSerializer,
    authored_course,
    course_summary,
)
from courses.catalogue.services import create_course
from courses.catalogue.views.paging import page_rows
from e_learning.core.api.asking import asked
from e_learning.core.api.conditional import conditional_answer
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.pagination import page_of
from e_learning.core.api.parsers import StrictJSONParser
from e_learning.core.api.permissions import Anyone, AnyoneMayRead
from e_learning.core.api.renderers import to_json
from e_learning.core.api.schema import PAGE_PARAMETERS
from e_learning.core.uploads.forms import PictureForm


class CategoriesView(APIView):
    permission_classes = [Anyone]

    @extend_schema(operation_id="categories_list", responses=CategoryNodeSerializer(many=True))
    def get(self, request: Request) -> HttpResponse:
        """The whole tree of categories."""
        return conditional_answer(request._request, to_json(category_tree()))


class CoursesView(APIView):
    permission_classes = [AnyoneMayRead]
    parser_classes = [StrictJSONParser, PictureForm]

    @extend_schema(
        operation_id="courses_list",
        parameters=[CourseListQuerySerializer, *PAGE_PARAMETERS],
        responses=CourseListSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Courses, with the filters that would narrow them. A draft is seen by its owner and admins only."""
        courses = courses_asked_for(request.user, CourseQuery(**asked(CourseListQuerySerializer, request)))
        count, filters = counts_of(courses)
        rows = page_rows(request, courses, count)
        answer = page_of(request, [course_summary(course) for course in rows], count=count, filters=filters)
        return conditional_answer(request._request, to_json(answer.data))

    @extend_schema(
        operation_id="courses_create", request=CourseWriteSerializer, responses={201: AuthoredCourseSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a course, a draft unless ``is_published`` says otherwise. Instructors and admins."""
        written = CourseWriteSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        course = create_course(author=caller_of(request), values=written.validated_data)
        return Response(authored_course(course), status=201)
