"""REST faces of the roll, and of a record's history."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.access import session_owned_by
from attendance.selectors.history import history_of
from attendance.selectors.roll import roll_of
from attendance.serializers.history import HistorySerializer
from attendance.serializers.roll import MarksSerializer, RollSerializer
from attendance.services.marking import mark_roll
from e_learning.core.api.asking import sent
from e_learning.core.api.permissions import SignedIn


class RollView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_roll", responses=RollSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The whole class, by name: who was or is enrolled while the session is, and whoever else has a record.

        For who teaches the course; its learners get 403 `owners_only`.
        """
        return Response(RollSerializer(roll_of(session_owned_by(caller_of(request), pk))).data)

    @extend_schema(operation_id="attendance_roll_mark", request=MarksSerializer, responses=RollSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Mark up to 1000 learners at once, all or none. What is not sent stays as it is.

        A mark stands above what was seen, until it is taken back (`status` null). Each that changes something is kept
        with who made it. 400 `unknown_learner` and `marked_twice` name the row. 409 `session_cancelled`; 409
        `not_begun`: before check-in opens only `excused` can be set; 409 `stale_version`: a record is no longer as it
        was seen, and `records` beside the errors say what those are now, each `{user_id, version, status}`.
        """
        marks = sent(MarksSerializer, request)["records"]
        return Response(RollSerializer(mark_roll(owner=caller_of(request), session_id=pk, marks=marks)).data)


class HistoryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_record_history", responses=HistorySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Every event of a record in the order it was noted, and in sentences what decided.

        For the learner whose record it is, and for who teaches the course. Times in the sentences are of the caller's
        time zone.
        """
        return Response(HistorySerializer(history_of(caller_of(request), pk)).data)
