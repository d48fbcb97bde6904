"""REST faces of recommendations."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from chatbot.recommendations.advising import recommendations_for
from chatbot.recommendations.paths import path_asked_for
from chatbot.recommendations.selectors import analysis_for
from chatbot.recommendations.serializers import (
    AnalysisSerializer,
    AnalyzeQuerySerializer,
    LearningPathQuerySerializer,
    LearningPathSerializer,
    RecommendationsSerializer,
    RecommendQuerySerializer,
)
from e_learning.core.api.asking import asked
from e_learning.core.api.permissions import SignedIn


class RecommendView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="chatbot_recommend", parameters=[RecommendQuerySerializer], responses=RecommendationsSerializer
    )
    def get(self, request: Request) -> Response:
        """What to learn next, and why: contents that are open and unfinished, contents to repeat, courses to take.

        Never a course that is taken or completed, the caller's own, or one that needs another first.
        """
        found = recommendations_for(caller_of(request), **asked(RecommendQuerySerializer, request))
        return Response(RecommendationsSerializer({"results": found}).data)


class LearningPathView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="chatbot_learning_path",
        parameters=[LearningPathQuerySerializer],
        responses=LearningPathSerializer,
    )
    def get(self, request: Request) -> Response:
        """The steps to and through a course, or that which fits a goal best: what it needs first, then its contents.

        Refuses: 404, 404 `no_course_for_goal`.
        """
        path = path_asked_for(caller_of(request), **asked(LearningPathQuerySerializer, request))
        return Response(LearningPathSerializer(path).data)


class AnalyzeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="chatbot_analyze", parameters=[AnalyzeQuerySerializer], responses=AnalysisSerializer)
    def get(self, request: Request) -> Response:
        """Strengths and weaknesses by topic, from graded answers: one's own, or a student's in a course one teaches.

        `strong` from 80 percent on, `weak` below 60, `unsure` between, and with fewer than three answers.
        """
        asked_for = asked(AnalyzeQuerySerializer, request)
        analysis = analysis_for(
            caller_of(request), course_id=asked_for.get("course"), student_id=asked_for.get("student")
        )
        return Response(AnalysisSerializer(analysis).data)
