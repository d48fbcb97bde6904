"""REST faces of sessions."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.models import LiveSession
from attendance.selectors.sessions import sessions_listed_for
from attendance.serializers.sessions import (
    CancelQuerySerializer,
    LiveSessionSerializer,
    NewSessionSerializer,
    ReasonSerializer,
    ScopeQuerySerializer,
    SessionListQuerySerializer,
    SessionWriteSerializer,
    session_body,
)
from attendance.services.planning import cancel_session, change_session, plan_session
from e_learning.core.api.asking import asked, sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn


@extend_schema_view(get=extend_schema(operation_id="attendance_sessions", parameters=[SessionListQuerySerializer]))
class SessionsView(ListAPIView[LiveSession]):
    """The sessions of the courses that the caller teaches or is enrolled in now: latest first, with `upcoming=true`
    soonest first.
    """

    permission_classes = [SignedIn]
    serializer_class = LiveSessionSerializer
    queryset = LiveSession.objects.none()

    def get_queryset(self) -> QuerySet[LiveSession]:
        return sessions_listed_for(caller_of(self.request), **asked(SessionListQuerySerializer, self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        return {"viewer": caller_of(self.request)}

    @extend_schema(
        operation_id="attendance_session_plan", request=NewSessionSerializer, responses={201: LiveSessionSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Plan a session of a course, or by `recurrence` a whole series, of which the first is answered. Owners.

        What is not given comes from the course's policy (by default check-in opens 15 minutes before the start, and
        closes 30 after it; coming later than 10 is late). A rule without an end is made a year ahead, and goes on. 400:
        `bad_times`, `bad_recurrence`, `bad_meeting_url`, `foreign_content`; 409: `course_archived`.
        """
        values, owner = sent(NewSessionSerializer, request), caller_of(request)
        session = plan_session(owner=owner, course_id=values.pop("course_id"), values=values)
        return Response(session_body(owner, session.pk), status=201)


class SessionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_session", responses=LiveSessionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A session of a course that the caller teaches or is enrolled in now."""
        return Response(session_body(caller_of(request), pk))

    @extend_schema(
        operation_id="attendance_session_change",
        parameters=[ScopeQuerySerializer],
        request=SessionWriteSerializer,
        responses=LiveSessionSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; with `scope=following` of all that follow in the series too. Owners.

        A session that gets another start keeps its length and the distances of its other times, unless they are sent.
        What was cancelled, attended or changed by itself before does not go along with `following`. A `recurrence`, its
        `exceptions` and `timezone` are taken with `following`, or where the session has no series. Learners are told of
        another time or place. 409: `session_cancelled`, `already_attended` (the start of a session that somebody
        attended stays), `series_changed`.
        """
        values, owner = sent(SessionWriteSerializer, request, partial=True), caller_of(request)
        change_session(owner=owner, session_id=pk, values=values, **asked(ScopeQuerySerializer, request))
        return Response(session_body(owner, pk))

    @extend_schema(operation_id="attendance_session_cancel", parameters=[CancelQuerySerializer], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Cancel the session, with `scope=following` all that follow too; it stays to be seen as cancelled. Owners.

        The `reason` may also come in a body. Learners are told of what lay ahead. Cancelled again: 204. 409:
        `already_held` for one that was attended and has ended.
        """
        said = sent(ReasonSerializer, request) | asked(CancelQuerySerializer, request)
        cancel_session(owner=caller_of(request), session_id=pk, **said)
        return Response(status=204)
