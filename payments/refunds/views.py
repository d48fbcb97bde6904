"""REST faces of refunds."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import caller_of
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn
from payments.refunds.models import RefundRequest
from payments.refunds.selectors import refunds_of
from payments.refunds.serializers import RefundAskedSerializer, RefundSerializer
from payments.refunds.services import request_refund


@extend_schema_view(get=extend_schema(operation_id="refunds_list"))
class RefundsView(ListAPIView[RefundRequest]):
    """Refunds of the caller's own payments, latest first."""

    permission_classes = [SignedIn]
    serializer_class = RefundSerializer
    queryset = RefundRequest.objects.none()

    def get_queryset(self) -> Any:
        return refunds_of(caller_of(self.request))

    @extend_schema(operation_id="refunds_create", request=RefundAskedSerializer, responses={201: RefundSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for an own payment back, or for a part of it. Staff decide; the money goes the way it came.

        409 `payment_not_captured`, `refund_window_passed`, `refund_progress_passed`, `refund_requested_already` or
        `refund_too_large`.
        """
        asked = RefundAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        refund = request_refund(
            user=caller_of(request),
            payment_id=values["payment_id"],
            reason=values["reason"],
            amount_paise=values.get("amount"),
            at=timezone.now(),
        )
        return Response(RefundSerializer(refund).data, status=201)
