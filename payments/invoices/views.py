"""REST face of invoices."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api import caller_of
from e_learning.core.api.paths import id_asked_for
from e_learning.core.api.permissions import SignedIn
from payments.invoices.pdf import pdf_answer
from payments.invoices.selectors import own_document


class InvoiceView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="payments_invoice",
        parameters=[
            OpenApiParameter("credit_note", OpenApiTypes.INT, description="Id of a refund: its credit note instead.")
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The invoice of an own payment; 404 until it is captured, and for one that cost nothing. In English."""
        refund_id = id_asked_for(request._request, "credit_note")
        return pdf_answer(own_document(user=caller_of(request), payment_id=pk, refund_id=refund_id))
