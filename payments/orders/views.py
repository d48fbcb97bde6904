"""REST faces of orders."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent_over_gateway
from e_learning.core.api.permissions import SignedIn
from payments.orders.models import Payment
from payments.orders.selectors import own_payment, payments_of
from payments.orders.serializers import (
    CouponSerializer,
    NewOrderSerializer,
    OrderSerializer,
    PaymentSerializer,
    QuoteSerializer,
    VerifiedSerializer,
    VerifySerializer,
    order_body,
    quote_body,
)
from payments.orders.services import create_order, quote, verify_payment


class CreateOrderView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="payments_create_order",
        request=NewOrderSerializer,
        responses={201: OrderSerializer, 200: OrderSerializer},
    )
    @idempotent_over_gateway
    def post(self, request: Request) -> Response:
        """Open an order to pay, or be handed the open one for the same thing at the same price (200)."""
        ordered = create_order(user=caller_of(request), **sent(NewOrderSerializer, request))
        return Response(order_body(ordered.payment), status=201 if ordered.is_new else 200)


class VerifyPaymentView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="payments_verify", request=VerifySerializer, responses=VerifiedSerializer)
    def post(self, request: Request) -> Response:
        """Bring what checkout returned, any number of times: the payment is captured and what was bought is opened."""
        verified = verify_payment(user=caller_of(request), **sent(VerifySerializer, request))
        return Response(VerifiedSerializer(verified).data)


class ValidateCouponView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="coupons_validate", request=CouponSerializer, responses=QuoteSerializer)
    def post(self, request: Request) -> Response:
        """The price that a coupon gives. Holds nothing."""
        code, price = quote(user=caller_of(request), **sent(CouponSerializer, request))
        return Response(quote_body(code, price))


class PaymentsView(ListAPIView[Payment]):
    """The caller's payments, newest first."""

    permission_classes = [SignedIn]
    serializer_class = PaymentSerializer
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        return payments_of(caller_of(self.request))


class PaymentView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="payments_retrieve", responses=PaymentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One of the caller's payments."""
        return Response(PaymentSerializer(own_payment(caller_of(request), pk)).data)
