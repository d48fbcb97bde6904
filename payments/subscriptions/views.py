"""REST faces of plans and subscriptions."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from e_learning.core.api.conditional import conditional_answer
from e_learning.core.api.idempotency import idempotent_over_gateway
from e_learning.core.api.pagination import page_asked_for, page_of
from e_learning.core.api.permissions import Anyone, SignedIn
from e_learning.core.api.renderers import to_json
from e_learning.core.api.schema import PAGE_PARAMETERS
from payments.subscriptions.selectors import plans_for_sale, subscription_status
from payments.subscriptions.serializers import (
    PlanPageSerializer,
    StatusSerializer,
    SubscribeSerializer,
    SubscriptionSerializer,
    plans_body,
    subscription_body,
)
from payments.subscriptions.services import cancel_subscription, create_subscription, upgrade_subscription


def _plan_slug(request: Request) -> str:
    asked = SubscribeSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["plan_slug"])


class PlansView(APIView):
    permission_classes = [Anyone]

    @extend_schema(operation_id="plans_list", parameters=PAGE_PARAMETERS, responses=PlanPageSerializer)
    def get(self, request: Request) -> HttpResponse:
        """The plans for sale, and what everybody has without paying."""
        (page, size), plans = page_asked_for(request._request), plans_for_sale()
        shown = plans_body(plans[(page - 1) * size : page * size])
        return conditional_answer(request._request, to_json(page_of(request._request, shown, count=len(plans)).data))


class SubscriptionsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="subscriptions_create",
        request=SubscribeSerializer,
        responses={
            201: SubscriptionSerializer,
            200: OpenApiResponse(SubscriptionSerializer, "The one that waits to be paid."),
        },
    )
    @idempotent_over_gateway
    def post(self, request: Request) -> Response:
        """Begin a subscription, to be authorised at the gateway's checkout; one that waits for that is handed back."""
        subscribed = create_subscription(user=caller_of(request), plan_slug=_plan_slug(request))
        return Response(subscription_body(subscribed.subscription), status=201 if subscribed.is_new else 200)


class CancelSubscriptionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="subscriptions_cancel", request=None, responses=SubscriptionSerializer)
    def post(self, request: Request) -> Response:
        """End the caller's subscription with the period that is paid. Safe to send again."""
        return Response(subscription_body(cancel_subscription(user=caller_of(request))))


class UpgradeSubscriptionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="subscriptions_upgrade", request=SubscribeSerializer, responses={201: SubscriptionSerializer}
    )
    @idempotent_over_gateway
    def post(self, request: Request) -> Response:
        """Move the caller's subscription to a plan of a higher tier, at once."""
        upgraded = upgrade_subscription(user=caller_of(request), plan_slug=_plan_slug(request))
        return Response(subscription_body(upgraded), status=201)


class SubscriptionStatusView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="subscription_status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        """What the caller's plan allows now."""
        return Response(StatusSerializer(subscription_status(caller_of(request))).data)
