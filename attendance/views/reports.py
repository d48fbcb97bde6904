"""REST faces of the register as tables."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.models import AttendanceRecord
from attendance.selectors import records, summaries
from attendance.serializers.reports import (
    RecordListQuerySerializer,
    RecordSerializer,
    RegisterSummarySerializer,
    ReportQuerySerializer,
)
from e_learning.core.api.asking import asked
from e_learning.core.api.permissions import SignedIn
from e_learning.core.sheets import csv_answer

_SHEET = {(200, "text/csv"): OpenApiTypes.STR}


class RecordsView(GenericAPIView[AttendanceRecord]):
    permission_classes = [SignedIn]
    serializer_class = RecordSerializer
    queryset = AttendanceRecord.objects.none()

    @extend_schema(
        operation_id="attendance_records",
        parameters=[RecordListQuerySerializer],
        responses={(200, "application/json"): RecordSerializer(many=True), **_SHEET},
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """What the register says, the latest session first: of the caller, and of everybody in courses they teach;
        admins see all. Sessions that were cancelled are left out. `format=csv` answers with all rows in one file, at
        most 50,000 (400 `too_many_rows`).
        """
        query = asked(RecordListQuerySerializer, request)
        answer = {"json": self._page, "csv": self._sheet}[query.pop("format")]
        return answer(records.records_seen_by(caller_of(request), **query))

    def _page(self, rows: Any) -> Response:
        return self.get_paginated_response(RecordSerializer(self.paginate_queryset(rows), many=True).data)

    def _sheet(self, rows: Any) -> HttpResponse:
        return csv_answer("attendance-records", list(records.COLUMNS), records.sheet_of(rows))


class RecordView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_record", responses=RecordSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One record: for its learner and who teaches the course."""
        return Response(RecordSerializer(records.record_seen_by(caller_of(request), pk)).data)


class SummaryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="attendance_summary",
        parameters=[ReportQuerySerializer],
        responses={(200, "application/json"): RegisterSummarySerializer, **_SHEET},
    )
    def get(self, request: Request, pk: int) -> Response | HttpResponse:
        """How often everybody was there: for who teaches the course; a learner gets the same over themselves alone.

        Sessions count that have begun and were not cancelled, for each learner those in which the register says
        something of them, with the weights of the course's policy. `format=csv` answers with the learners as a file.
        """
        query = asked(ReportQuerySerializer, request)
        answer = {"json": _shown, "csv": _as_sheet}[query.pop("format")]
        return answer(summaries.summary_of(caller_of(request), pk, **query))


def _shown(summary: summaries.RegisterSummary) -> Response:
    return Response(RegisterSummarySerializer(summary).data)


def _as_sheet(summary: summaries.RegisterSummary) -> HttpResponse:
    lines = summaries.sheet_of(summary)
    return csv_answer(f"attendance-course-{summary.course_id}", summaries.COLUMNS, lines)
