"""REST faces of learning."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.library import library
from courses.catalogue.models import Content
from courses.catalogue.views import CourseAuthoring, page_rows
from courses.learning.course_page import course_page
from courses.learning.history import HistoryRowSerializer, history_of
from courses.learning.library import LibrarySerializer, ShelfPageSerializer, contents_on_shelf, shelf_content
from courses.learning.models import Enrollment, Progress
from courses.learning.reviews import (
    ReviewPageSerializer,
    ReviewSerializer,
    ReviewWriteSerializer,
    review_shown_to,
    reviews_of,
)
from courses.learning.selectors import course_progress_of, enrollments_of
from courses.learning.serializers import (
    CoursePageSerializer,
    CourseProgressSerializer,
    EnrollmentSerializer,
    MyEnrollmentSerializer,
    ProgressOutcomeSerializer,
    ProgressUpdateSerializer,
    outcome_body,
    read_progress_update,
)
from courses.learning.services import (
    change_review,
    delete_review,
    enroll_learner,
    record_progress,
    sync_progress,
    write_review,
)
from courses.learning.stats import StatsQuerySerializer, StatsSerializer, learning_stats
from courses.learning.sync_body import SyncOutcomeSerializer, SyncSerializer, read_sync, sync_body
from e_learning.core.api.asking import asked
from e_learning.core.api.conditional import conditional_answer
from e_learning.core.api.hot import HotView, json_answer
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.pagination import FeedPagination, page_of
from e_learning.core.api.permissions import AnyoneMayRead, SignedIn
from e_learning.core.api.renderers import to_json
from e_learning.core.api.schema import PAGE_PARAMETERS, PaymentRequiredSerializer


class CourseView(CourseAuthoring, HotView):
    """One course: its page for every reader, its changes by its owner."""

    permission_classes = [AnyoneMayRead]
    public_methods = frozenset({"GET", "HEAD"})
    hot_methods = frozenset({"GET", "HEAD"})

    @extend_schema(operation_id="courses_retrieve", responses=CoursePageSerializer)
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything of a course but the bodies of its contents; ``my`` is null without a token."""
        page = course_page(course_id=pk, caller=self.claims, now=timezone.now())
        return conditional_answer(request, page.body, etag=page.etag)


class ProgressUpdateView(HotView):
    hot_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="progress_update", request=ProgressUpdateSerializer, responses=ProgressOutcomeSerializer
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep how far the caller has come with one content. Safe to send again."""
        update = read_progress_update(request.body)
        outcome = record_progress(caller=self.signed_in, update=update, now=timezone.now())
        return json_answer(to_json(outcome_body(outcome)))


class ProgressSyncView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="progress_sync", request=SyncSerializer, responses=SyncOutcomeSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep what a device noted while it was offline: up to 500 updates, in any order, any number of times.

        Each update is judged by itself. `stale` is no error: what it tells was known already, or known
        better. `rejected` comes with a code: `invalid`, `not_found` or `enrollment_required`. A
        `client_time` in the future counts as now. All updates together may hold 50,000 intervals; more is 413.
        """
        now = timezone.now()
        updates = read_sync(request.data, now=now)
        return Response(sync_body(sync_progress(learner=caller_of(request), updates=updates, now=now)))


class EnrollView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="courses_enroll",
        request=None,
        responses={
            201: EnrollmentSerializer,
            200: OpenApiResponse(EnrollmentSerializer, "Enrolled already."),
            402: PaymentRequiredSerializer,
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Enrol in a free course, or one that a subscription covers; enrolled already answers 200 with the same."""
        outcome = enroll_learner(learner=caller_of(request), course_id=pk)
        return Response(EnrollmentSerializer(outcome.enrollment).data, status=201 if outcome.is_new else 200)


class EnrollmentsView(ListAPIView[Enrollment]):
    """The caller's enrolments, latest first."""

    permission_classes = [SignedIn]
    serializer_class = MyEnrollmentSerializer
    queryset = Enrollment.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]  # the generic's own annotation is narrower than any queryset
        return enrollments_of(caller_of(self.request))


class CourseProgressView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="courses_progress", responses=CourseProgressSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The caller's progress, content by content, with the percent."""
        return Response(course_progress_of(caller_of(request), pk))


class StatsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="progress_stats", parameters=[StatsQuerySerializer], responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """The caller's streaks, totals, week and days. A day begins where the caller's time zone says."""
        days = asked(StatsQuerySerializer, request)["days"]
        return Response(learning_stats(caller_of(request), days=days, now=timezone.now()))


@extend_schema_view(get=extend_schema(operation_id="progress_history"))
class HistoryView(ListAPIView[Progress]):
    """What the caller touched, the latest first."""

    permission_classes = [SignedIn]
    serializer_class = HistoryRowSerializer
    pagination_class = FeedPagination
    feed_time = "updated_at"
    queryset = Progress.objects.none()

    def get_queryset(self) -> QuerySet[Progress]:
        return history_of(caller_of(self.request))


class CourseReviewsView(APIView):
    permission_classes = [AnyoneMayRead]

    @extend_schema(operation_id="reviews_list", parameters=PAGE_PARAMETERS, responses=ReviewPageSerializer)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What learners say of the course, newest first. Names and portraits are shown to signed-in callers only."""
        reviews = reviews_of(request.user, pk)
        count = reviews.count()
        rows = [review_shown_to(request.user, review) for review in page_rows(request, reviews, count)]
        return conditional_answer(request._request, to_json(page_of(request, rows, count=count).data))

    @extend_schema(operation_id="reviews_create", request=ReviewWriteSerializer, responses={201: ReviewSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Review a course that the caller is enrolled in, once; the course's rating follows."""
        written = ReviewWriteSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        review = write_review(reviewer=caller_of(request), course_id=pk, values=written.validated_data)
        return Response(review_shown_to(request.user, review), status=201)


class ReviewView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviews_update", request=ReviewWriteSerializer, responses=ReviewSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent of an own review; the course's rating follows."""
        written = ReviewWriteSerializer(data=request.data, partial=True)
        written.is_valid(raise_exception=True)
        review = change_review(reviewer=caller_of(request), review_id=pk, values=written.validated_data)
        return Response(review_shown_to(request.user, review))

    @extend_schema(operation_id="reviews_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove an own review, or any as an admin; the course's rating follows."""
        delete_review(editor=caller_of(request), review_id=pk)
        return Response(status=204)


class LibraryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="library_retrieve", responses=LibrarySerializer)
    def get(self, request: Request) -> Response:
        """Which grades, subjects and topics there are, with counts, and where their contents are listed."""
        return Response(library(caller_of(request)))


class ShelfView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="library_shelf", parameters=PAGE_PARAMETERS, responses=ShelfPageSerializer)
    def get(self, request: Request, grade: str, subject: str) -> Response:
        """Contents of the grade and subject, in courses the caller may see, with what is locked for them.

        A slash within a value is written ``~1``, a tilde ``~0``; the paths of ``library/`` come so.
        """
        return _page(request, contents_on_shelf(caller_of(request), grade=grade, subject=subject))


class TopicView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="library_topic", parameters=PAGE_PARAMETERS, responses=ShelfPageSerializer)
    def get(self, request: Request, grade: str, subject: str, topic: str) -> Response:
        """As the subject's shelf, of one topic."""
        return _page(request, contents_on_shelf(caller_of(request), grade=grade, subject=subject, topic=topic))


def _page(request: Request, contents: QuerySet[Content]) -> Response:
    count = contents.count()
    rows = [shelf_content(content) for content in page_rows(request, contents, count)]
    return page_of(request, rows, count=count)
