"""REST faces of warnings."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView

from accounts.api import caller_of
from attendance.models import AttendanceWarning
from attendance.selectors.warned import warnings_seen_by
from attendance.serializers.warned import WarningListQuerySerializer, WarningSerializer
from e_learning.core.api.asking import asked
from e_learning.core.api.permissions import SignedIn


@extend_schema_view(get=extend_schema(operation_id="attendance_warnings", parameters=[WarningListQuerySerializer]))
class WarningsView(ListAPIView[AttendanceWarning]):
    """Warnings of attending too little, latest first: the caller's own, and those in courses that they own; admins
    see all.
    """

    permission_classes = [SignedIn]
    serializer_class = WarningSerializer
    queryset = AttendanceWarning.objects.none()

    def get_queryset(self) -> QuerySet[AttendanceWarning]:
        return warnings_seen_by(caller_of(self.request), **asked(WarningListQuerySerializer, self.request))
