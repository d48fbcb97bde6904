"""The door at which the gateway knocks."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from e_learning.core.api.permissions import Anyone
from payments.webhooks.services import receive_event

#: Far above the largest event of Razorpay's, and little to hold for a stranger.
MOST_BYTES = 256 * 1024
_ANY_OBJECT = {"application/json": {"type": "object", "additionalProperties": True}}
_OK = {"type": "object", "properties": {"status": {"type": "string", "enum": ["ok"]}}, "required": ["status"]}


class RazorpayWebhookView(APIView):
    """Signed by the gateway, so no token and no limit: one it ran into would lose us events."""

    permission_classes = [Anyone]
    authentication_classes = []
    throttle_classes = []

    @extend_schema(operation_id="payments_webhook", request=_ANY_OBJECT, responses={200: _OK})
    def post(self, request: Request) -> Response:
        """Take in one event of Razorpay's, once an `X-Razorpay-Event-Id`. What it means is worked off afterwards.

        `X-Razorpay-Signature` signs the bytes of the body; one that does not fit is 400 `invalid_signature`.
        """
        receive_event(
            body=_body_of(request._request),
            signature=request.headers.get("X-Razorpay-Signature", ""),
            event_id=request.headers.get("X-Razorpay-Event-Id", ""),
            at=timezone.now(),
        )
        return Response({"status": "ok"})


def _body_of(request: HttpRequest) -> bytes:
    """Return the bytes as they came, which are what is signed; more than ``MOST_BYTES`` is not read."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise RequestDataTooBig
    return body
