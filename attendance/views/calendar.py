"""The calendar of a person's classes, and its address."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.selectors.calendar import calendar_of
from attendance.serializers.calendar import CalendarAddressSerializer
from attendance.services.feeds import open_calendar, renew_calendar
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import Anyone, SignedIn

_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Content-Disposition": 'inline; filename="calendar.ics"',
    "X-Content-Type-Options": "nosniff",
}


class CalendarAddressView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_calendar", responses=CalendarAddressSerializer)
    def get(self, request: Request) -> Response:
        """The address of the caller's calendar: the same each time."""
        return Response({"url": open_calendar(user=caller_of(request))})

    @extend_schema(operation_id="attendance_calendar_renew", request=None, responses=CalendarAddressSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        """Another address; the one before opens nothing any more."""
        return Response({"url": renew_calendar(user=caller_of(request))})


class CalendarView(APIView):
    """Public, because calendar programs send no token: the address holds a signature."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="attendance_calendar_file",
        parameters=[OpenApiParameter("token", OpenApiTypes.STR, required=True, description="Of the address.")],
        responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR, "RFC 5545.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """The classes of the courses that the address's owner takes or teaches: 90 days back, and all that are planned.

        What recurs comes with its rule. 404 for an address that was replaced, or whose owner's account is closed.
        """
        calendar = calendar_of(request.GET.get("token", ""))
        return HttpResponse(calendar, content_type="text/calendar; charset=utf-8", headers=_HEADERS)
