"""REST faces of assessment."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.assessment import selectors, services
from courses.assessment.models import Question, Quiz, QuizAttempt
from courses.assessment.permissions import Authors
from courses.assessment.selectors import Wanted
from courses.assessment.serializers import (
    AssessmentSerializer,
    AutosaveSerializer,
    ClosedAttemptSerializer,
    NewQuestionSerializer,
    NewQuizSerializer,
    OpenAttemptSerializer,
    QuestionChangesSerializer,
    QuestionSerializer,
    QuizChangesSerializer,
    QuizSerializer,
    SavedSerializer,
    StartSerializer,
    SubmitSerializer,
    attempt_page,
    saved_answers,
)
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.paths import id_asked_for
from e_learning.core.api.permissions import SignedIn


def _id_filter(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.INT64)


def _attempt_schema(*, many: bool) -> PolymorphicProxySerializer:
    stages: list[type[Serializer[Any]]] = [OpenAttemptSerializer, ClosedAttemptSerializer]
    return PolymorphicProxySerializer("AttemptPage", stages, resource_type_field_name=None, many=many)


class QuizzesView(GenericAPIView[Quiz]):
    permission_classes = [Authors]
    serializer_class = QuizSerializer
    queryset = Quiz.objects.none()

    @extend_schema(
        operation_id="quizzes_list", parameters=[_id_filter("content_id")], responses=QuizSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """The quizzes of the caller's own courses; admins see all."""
        content_id = id_asked_for(request._request, "content_id")
        quizzes = selectors.quizzes_owned_by(caller_of(request))
        page = self.paginate_queryset(quizzes if content_id is None else quizzes.filter(content_id=content_id))
        return self.get_paginated_response(QuizSerializer(page, many=True).data)

    @extend_schema(operation_id="quizzes_create", request=NewQuizSerializer, responses={201: QuizSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Give a content of type quiz its quiz."""
        quiz = services.create_quiz(author=caller_of(request), **sent(NewQuizSerializer, request))
        return Response(QuizSerializer(quiz).data, status=201)


class QuizView(APIView):
    permission_classes = [Authors]

    @extend_schema(operation_id="quizzes_retrieve", responses=QuizSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(QuizSerializer(selectors.owned_quiz(caller_of(request), pk)).data)

    @extend_schema(operation_id="quizzes_update", request=QuizChangesSerializer, responses=QuizSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent. Attempts that are running keep their deadline."""
        changes = sent(QuizChangesSerializer, request, partial=True)
        return Response(QuizSerializer(services.update_quiz(author=caller_of(request), quiz_id=pk, **changes)).data)

    @extend_schema(operation_id="quizzes_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.delete_quiz(author=caller_of(request), quiz_id=pk)
        return Response(status=204)


class QuestionsView(GenericAPIView[Question]):
    permission_classes = [Authors]
    serializer_class = QuestionSerializer
    queryset = Question.objects.none()

    @extend_schema(
        operation_id="questions_list", parameters=[_id_filter("quiz_id")], responses=QuestionSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """The questions of the caller's own quizzes, with what is right."""
        page = self.paginate_queryset(
            selectors.questions_owned_by(caller_of(request), quiz_id=id_asked_for(request._request, "quiz_id"))
        )
        return self.get_paginated_response(selectors.authored_questions(page or []))

    @extend_schema(operation_id="questions_create", request=NewQuestionSerializer, responses={201: QuestionSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a question to a quiz; which of the last five fields it takes depends on its type."""
        body = sent(NewQuestionSerializer, request)
        created = services.create_question(author=caller_of(request), quiz_id=body.pop("quiz_id"), body=body)
        return Response(selectors.authored_question(created), status=201)


class QuestionView(APIView):
    permission_classes = [Authors]

    @extend_schema(operation_id="questions_retrieve", responses=QuestionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(selectors.authored_question(selectors.owned_question(caller_of(request), pk)))

    @extend_schema(operation_id="questions_update", request=QuestionChangesSerializer, responses=QuestionSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; the type stays. Options are replaced as a whole and keep their ids where they can."""
        changes = sent(QuestionChangesSerializer, request, partial=True)
        changed = services.update_question(author=caller_of(request), question_id=pk, changes=changes)
        return Response(selectors.authored_question(changed))

    @extend_schema(operation_id="questions_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.delete_question(author=caller_of(request), question_id=pk)
        return Response(status=204)


class StartAttemptView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="quiz_attempts_start",
        request=StartSerializer,
        responses={
            201: OpenAttemptSerializer,
            200: OpenApiResponse(OpenAttemptSerializer, "The attempt that is running."),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin an attempt at a quiz; one that is running is handed back (200) with what was saved."""
        body = sent(StartSerializer, request)
        started = services.start_attempt(learner=caller_of(request), quiz_id=body["quiz_id"])
        return Response(attempt_page(started.running), status=201 if started.is_new else 200)


class AttemptsView(GenericAPIView[QuizAttempt]):
    permission_classes = [SignedIn]
    queryset = QuizAttempt.objects.none()

    @extend_schema(
        operation_id="quiz_attempts_list", parameters=[_id_filter("quiz")], responses=_attempt_schema(many=True)
    )
    def get(self, request: Request) -> Response:
        """Own attempts and assessments, and for owners all attempts at quizzes of their courses, latest first."""
        attempts = selectors.attempts_visible_to(caller_of(request), quiz_id=id_asked_for(request._request, "quiz"))
        page = services.settled(self.paginate_queryset(attempts) or [])
        return self.get_paginated_response([attempt_page(seen) for seen in selectors.attempts_as_seen(page)])


class AttemptView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="quiz_attempts_retrieve", responses=_attempt_schema(many=False))
    def get(self, request: Request, pk: int) -> Response:
        """An open attempt as it was started, with what was saved; a closed one as its submit gave it."""
        [attempt] = services.settled([selectors.visible_attempt(caller_of(request), pk)])
        [seen] = selectors.attempts_as_seen([attempt])
        return Response(attempt_page(seen))

    @extend_schema(operation_id="quiz_attempts_autosave", request=AutosaveSerializer, responses=SavedSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Keep answers while the attempt runs; each replaces what was saved for its question."""
        body = sent(AutosaveSerializer, request)
        saved = services.save_answers(learner=caller_of(request), attempt_id=pk, answers=body["answers"])
        return Response({"id": pk, "answers": saved_answers(saved)})


class SubmitAttemptView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="quiz_attempts_submit", request=SubmitSerializer, responses=ClosedAttemptSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Close and grade the attempt, once. After the deadline only what was saved counts."""
        body = sent(SubmitSerializer, request)
        closed = services.submit_attempt(learner=caller_of(request), attempt_id=pk, answers=body.get("answers", ()))
        return Response(attempt_page(closed))


class AssessmentsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assessments_create", request=AssessmentSerializer, responses={201: OpenAttemptSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Draw questions from own courses, least recently seen first; saved and submitted like a quiz."""
        body = sent(AssessmentSerializer, request)
        count = body.pop("count")
        begun = services.draw_assessment(learner=caller_of(request), wanted=Wanted(**body), count=count)
        return Response(attempt_page(begun), status=201)
