"""The faces that need several rooms at once: the sandbox's buyer."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn
from payments.sandbox import pay_own
from payments.serializers import CheckoutAnswerSerializer, SandboxPaySerializer


class SandboxPayView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="sandbox_pay", request=SandboxPaySerializer, responses=CheckoutAnswerSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        """Play the buyer of one's own order or subscription; answers what Razorpay's checkout would return.

        Not there once a Razorpay key is set. What is paid already answers 409.
        """
        asked = SandboxPaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = pay_own(user=caller_of(request), **asked.validated_data)
        return Response(CheckoutAnswerSerializer(answer).data)
