"""What owners do with their courses, modules and contents."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.models import Content, Module
from courses.catalogue.selectors import contents_owned_by, module_to_change, modules_owned_by
from courses.catalogue.serializers import (
    AuthoredContentSerializer,
    AuthoredCourseSerializer,
    AuthoredModuleSerializer,
    ContentListQuerySerializer,
    ContentWriteSerializer,
    CourseWriteSerializer,
    ModuleCreateSerializer,
    ModuleListQuerySerializer,
    ModuleWriteSerializer,
    ReorderSerializer,
    authored_course,
)
from courses.catalogue.services import (
    create_content,
    create_module,
    delete_content,
    delete_module,
    delete_or_archive_course,
    reorder_contents,
    reorder_modules,
    update_content,
    update_course,
    update_module,
)
from e_learning.core.api.asking import asked
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.parsers import StrictJSONParser
from e_learning.core.api.permissions import SignedIn
from e_learning.core.uploads.forms import PictureForm


class CourseAuthoring(APIView):
    """The owner's methods of one course's address; whoever serves the address adds the reading."""

    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, PictureForm]

    @extend_schema(operation_id="courses_update", request=CourseWriteSerializer, responses=AuthoredCourseSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent. Its owner and admins; ``is_published`` puts it before learners.

        A ``thumbnail`` (PNG, JPEG, GIF, WebP) comes in a form; null takes it away.
        """
        written = CourseWriteSerializer(data=request.data, partial=True)
        written.is_valid(raise_exception=True)
        course = update_course(editor=caller_of(request), course_id=pk, values=written.validated_data)
        return Response(authored_course(course))

    @extend_schema(operation_id="courses_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it, or archive it where somebody was ever enrolled."""
        delete_or_archive_course(editor=caller_of(request), course_id=pk)
        return Response(status=204)


@extend_schema_view(get=extend_schema(operation_id="modules_list", parameters=[ModuleListQuerySerializer]))
class ModulesView(ListAPIView[Module]):
    """The modules of the caller's own courses."""

    permission_classes = [SignedIn]
    serializer_class = AuthoredModuleSerializer
    queryset = Module.objects.none()

    def get_queryset(self) -> QuerySet[Module]:
        return modules_owned_by(caller_of(self.request)).filter(**asked(ModuleListQuerySerializer, self.request))

    @extend_schema(
        operation_id="modules_create", request=ModuleCreateSerializer, responses={201: AuthoredModuleSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a module to an own course, last unless ``order`` says otherwise."""
        written = ModuleCreateSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        course_id = written.validated_data.pop("course_id")
        module = create_module(editor=caller_of(request), course_id=course_id, values=written.validated_data)
        return Response(AuthoredModuleSerializer(module).data, status=201)


class ModuleView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="modules_retrieve", responses=AuthoredModuleSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A module of an own course."""
        return Response(AuthoredModuleSerializer(module_to_change(caller_of(request), pk)).data)

    @extend_schema(operation_id="modules_update", request=ModuleWriteSerializer, responses=AuthoredModuleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent."""
        written = ModuleWriteSerializer(data=request.data, partial=True)
        written.is_valid(raise_exception=True)
        module = update_module(editor=caller_of(request), module_id=pk, values=written.validated_data)
        return Response(AuthoredModuleSerializer(module).data)

    @extend_schema(operation_id="modules_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with its contents."""
        delete_module(editor=caller_of(request), module_id=pk)
        return Response(status=204)


class ModulesReorderView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="modules_reorder", request=ReorderSerializer, responses=ReorderSerializer)
    def post(self, request: Request) -> Response:
        """Put all modules of one course in the order sent."""
        written = ReorderSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        reorder_modules(editor=caller_of(request), ids=written.validated_data["ids"])
        return Response(written.data)


@extend_schema_view(get=extend_schema(operation_id="contents_list", parameters=[ContentListQuerySerializer]))
class ContentsView(ListAPIView[Content]):
    """The contents of the caller's own courses."""

    permission_classes = [SignedIn]
    serializer_class = AuthoredContentSerializer
    queryset = Content.objects.none()

    def get_queryset(self) -> QuerySet[Content]:
        query = asked(ContentListQuerySerializer, self.request)
        if "course_id" in query:
            query["module__course_id"] = query.pop("course_id")
        return contents_owned_by(caller_of(self.request)).filter(**query)

    @extend_schema(
        operation_id="contents_create", request=ContentWriteSerializer, responses={201: AuthoredContentSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a content to an own module, last unless ``order`` says otherwise."""
        written = ContentWriteSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        module_id = written.validated_data.pop("module_id")
        content = create_content(editor=caller_of(request), module_id=module_id, values=written.validated_data)
        return Response(AuthoredContentSerializer(content).data, status=201)


class ContentAuthoring(APIView):
    """The owner's methods of one content's address; whoever serves the address adds the reading."""

    permission_classes = [SignedIn]

    @extend_schema(operation_id="contents_update", request=ContentWriteSerializer, responses=AuthoredContentSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent, and move it within its course by ``module_id``."""
        written = ContentWriteSerializer(data=request.data, partial=True)
        written.is_valid(raise_exception=True)
        module_id = written.validated_data.pop("module_id", None)
        content = update_content(
            editor=caller_of(request), content_id=pk, module_id=module_id, values=written.validated_data
        )
        return Response(AuthoredContentSerializer(content).data)

    @extend_schema(operation_id="contents_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it, with learners' progress on it."""
        delete_content(editor=caller_of(request), content_id=pk)
        return Response(status=204)


class ContentsReorderView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="contents_reorder", request=ReorderSerializer, responses=ReorderSerializer)
    def post(self, request: Request) -> Response:
        """Put all contents of one module in the order sent."""
        written = ReorderSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        reorder_contents(editor=caller_of(request), ids=written.validated_data["ids"])
        return Response(written.data)
