"""Small views of the tests alone: one for every way in which a call can end. Used with ``pytest.mark.urls``."""

import itertools
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import CustomUser
from e_learning.core.api.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotThere,
    PaymentRequired,
    TooMany,
    Unavailable,
)
from e_learning.core.api.hot import HotView, json_answer
from e_learning.core.api.idempotency import idempotent, idempotent_over_gateway
from e_learning.core.api.parsers import parse_json
from e_learning.core.api.permissions import Anyone, AnyoneMayRead, SignedIn
from e_learning.core.api.renderers import to_json

FAILURES: dict[str, Exception] = {
    "invalid": InvalidInput(attr="price"),
    "paid": PaymentRequired(extra={"price": "499.00", "currency": "INR"}),
    "refused": NotAllowed(),
    "absent": NotThere(),
    "conflict": Conflict(),
    "too_many": TooMany(7),
    "away": Unavailable(),
    "django_404": Http404(),
    "django_403": PermissionDenied(),
    "django_invalid": DjangoValidationError({"title": ["Too short."]}),
    "django_invalid_whole": DjangoValidationError("Ends before it begins."),
    "unforeseen": ZeroDivisionError("a secret of the inside"),
}


class OptionSerializer(serializers.Serializer[Any]):
    option_text = serializers.CharField(max_length=5)


class QuestionSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    number = serializers.IntegerField(required=False)
    names = serializers.ListField(child=serializers.CharField(max_length=3), required=False)
    options = OptionSerializer(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["title"] == "contradiction":
            raise serializers.ValidationError("This contradicts itself.", code="contradiction")
        return attrs


class Failing(APIView):
    permission_classes = [Anyone]

    def get(self, request: Request, how: str) -> Response:
        raise FAILURES[how]


class HotFailing(HotView):
    permission_classes = [Anyone]
    hot_methods = frozenset({"GET"})
    public_methods = frozenset({"GET"})

    def get(self, request: HttpRequest, how: str) -> HttpResponse:
        raise FAILURES[how]


class Echo(APIView):
    """Answers what its serializer made of the body."""

    permission_classes = [Anyone]

    def post(self, request: Request) -> Response:
        serializer = QuestionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data)


class HotEcho(HotView):
    permission_classes = [Anyone]
    hot_methods = frozenset({"POST"})
    public_methods = frozenset({"POST"})

    def post(self, request: HttpRequest) -> HttpResponse:
        serializer = QuestionSerializer(data=parse_json(request.body))
        serializer.is_valid(raise_exception=True)
        return json_answer(to_json(serializer.data))


class Mine(APIView):
    permission_classes = [SignedIn]

    def get(self, request: Request) -> Response:
        return Response({"user_id": request.user.pk})


class HotMine(HotView):
    hot_methods = frozenset({"GET"})

    def get(self, request: HttpRequest) -> HttpResponse:
        return json_answer(to_json({"user_id": self.signed_in.user_id}))


class Forgotten(APIView):
    """Says nothing of who may call it."""

    def get(self, request: Request) -> Response:
        return Response({"secret": "words"})


class Readable(APIView):
    permission_classes = [AnyoneMayRead]

    def get(self, request: Request) -> Response:
        return Response({"open": True})

    def post(self, request: Request) -> Response:
        return Response({"open": True})


class Order(APIView):
    """Calls a gateway, as it were: each answer is another, and tells whether a transaction was open."""

    permission_classes = [Anyone]
    handled = itertools.count(1)

    @idempotent_over_gateway
    def post(self, request: Request) -> Response:
        if "refuse" in request.data:
            raise Conflict
        return Response({"number": next(self.handled), "in_transaction": connection.in_atomic_block}, status=201)


class Rename(APIView):
    """Creates an effect that can be counted: each call that works adds a letter to the caller's name."""

    permission_classes = [Anyone]
    _answers = itertools.count(1)

    @idempotent
    def post(self, request: Request) -> Response:
        if request.user.is_authenticated:
            add_a_letter(request.user.pk)
        if "refuse" in request.data:
            raise Conflict
        return Response({"answer": next(self._answers)}, status=201)


def add_a_letter(user_id: int) -> None:
    user = CustomUser.objects.get(pk=user_id)
    user.full_name += "x"
    user.save(update_fields=["full_name"])


urlpatterns = [
    path("api/failing/<slug:how>/", Failing.as_view()),
    path("api/hot-failing/<slug:how>/", HotFailing.as_view()),
    path("api/echo/", Echo.as_view()),
    path("api/hot-echo/", HotEcho.as_view()),
    path("api/mine/", Mine.as_view()),
    path("api/hot-mine/", HotMine.as_view()),
    path("api/forgotten/", Forgotten.as_view()),
    path("api/readable/", Readable.as_view()),
    path("api/order/", Order.as_view()),
    path("api/rename/", Rename.as_view()),
    path("", include("e_learning.urls")),
]

handler400 = "e_learning.core.api.errors.bad_request"
handler403 = "e_learning.core.api.errors.forbidden"
handler404 = "e_learning.core.api.errors.not_found"
handler500 = "e_learning.core.api.errors.server_error"
