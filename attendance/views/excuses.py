"""REST faces of excuses."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.models import Excuse
from attendance.selectors.excuses import excuses_seen_by
from attendance.serializers.excuses import (
    ExcuseAskSerializer,
    ExcuseDecisionSerializer,
    ExcuseListQuerySerializer,
    ExcuseRowSerializer,
    ExcuseSerializer,
)
from attendance.services.excusing import ask_excuse, decide_excuse
from e_learning.core.api.asking import asked, sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn


class ExcuseView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="attendance_excuse_ask",
        request=ExcuseAskSerializer,
        responses={201: ExcuseSerializer, 200: ExcuseSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask to be excused from a session, before or after it; 200 with the first excuse while that waits.

        403 `not_a_learner` for who is not in its class; 409 `session_cancelled`, `already_decided`, and `was_there`
        where the register has the learner as present or late.
        """
        excuse, is_new = ask_excuse(learner=caller_of(request), session_id=pk, **sent(ExcuseAskSerializer, request))
        return Response(ExcuseSerializer(excuse).data, status=201 if is_new else 200)


class ExcuseDecisionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="attendance_excuse_decide", request=ExcuseDecisionSerializer, responses=ExcuseSerializer
    )
    def patch(self, request: Request, pk: int, user_id: int) -> Response:
        """Approve or reject a learner's excuse, once: the course's owner, and admins.

        What is approved excuses an absence. The same decision again changes nothing; another is 409 `already_decided`.
        404 where they did not ask.
        """
        decision = sent(ExcuseDecisionSerializer, request)
        excuse = decide_excuse(owner=caller_of(request), session_id=pk, user_id=user_id, **decision)
        return Response(ExcuseSerializer(excuse).data)


@extend_schema_view(get=extend_schema(operation_id="attendance_excuses", parameters=[ExcuseListQuerySerializer]))
class ExcusesView(ListAPIView[Excuse]):
    """Excuses, latest first: the caller's own, and those asked in courses that they own; admins see all."""

    permission_classes = [SignedIn]
    serializer_class = ExcuseRowSerializer
    queryset = Excuse.objects.none()

    def get_queryset(self) -> QuerySet[Excuse]:
        return excuses_seen_by(caller_of(self.request), **asked(ExcuseListQuerySerializer, self.request))
