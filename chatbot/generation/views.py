"""REST faces of generation."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from chatbot.generation.models import Job
from chatbot.generation.selectors import job_of, jobs_visible_to, study_of
from chatbot.generation.serializers import (
    AcceptedSerializer,
    AcceptSerializer,
    GenerateSerializer,
    JobDetailSerializer,
    JobQueuedSerializer,
    JobSerializer,
    RejectDraftsSerializer,
    StudySerializer,
)
from chatbot.generation.services import accept_drafts, ask_for_drafts, delete_job, reject_drafts
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn


class GenerateView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_generate", request=GenerateSerializer, responses={202: JobQueuedSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have drafts written from a content or a whole course of one's own, published or not.

        A course's `count` is spread over its contents by their length. Refuses: 409 `nothing_to_read`, and 409
        `too_many_jobs` while three of one's jobs are not done.
        """
        job = ask_for_drafts(user=caller_of(request), **sent(GenerateSerializer, request))
        return Response({"job_id": job.pk}, status=202)


@extend_schema_view(get=extend_schema(operation_id="chatbot_jobs"))
class JobsView(ListAPIView[Job]):
    """The jobs of one's own courses, the latest first; admins see all."""

    permission_classes = [SignedIn]
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return jobs_visible_to(caller_of(self.request))


class JobView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_job", responses=JobDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far a job is, and the drafts that it has made."""
        return Response(JobDetailSerializer(job_of(caller_of(request), pk)).data)

    @extend_schema(operation_id="chatbot_job_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take a job away with its drafts; questions that they became stay in their quiz."""
        delete_job(user=caller_of(request), job_id=pk)
        return Response(status=204)


class AcceptView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_job_accept", request=AcceptSerializer, responses={201: AcceptedSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Accept drafts, all or none: questions go to the end of a quiz of the same course and are returned.

        What is edited overrides the draft. Accepted summaries and cards are shown beside their content. Refuses: 409
        `draft_decided`.
        """
        questions = accept_drafts(user=caller_of(request), job_id=pk, **sent(AcceptSerializer, request))
        return Response({"questions": questions}, status=201)


class RejectView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_job_reject", request=RejectDraftsSerializer, responses={204: None})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Reject drafts, all or none; also an accepted summary or card, which is shown no more. 409 `draft_decided`."""
        reject_drafts(user=caller_of(request), job_id=pk, **sent(RejectDraftsSerializer, request))
        return Response(status=204)


class StudyView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_study", responses=StudySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The summary and the flashcards of a content, for whoever may open it."""
        return Response(study_of(caller_of(request), pk))
