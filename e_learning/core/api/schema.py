"""The OpenAPI schema says of every call what the platform may answer, errors included."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from e_learning.core.api.pagination import MOST_PAGE_SIZE, PAGE_SIZE
from e_learning.core.api.permissions import Anyone, AnyoneMayRead

#: What the query of a table may say.
PAGE_PARAMETERS = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "default": PAGE_SIZE},
        description=f"At most {MOST_PAGE_SIZE}; more is as much.",
    ),
]


class ErrorEntrySerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs; stable.")
    detail = serializers.CharField(help_text="For people; in the language asked for.")
    attr = serializers.CharField(allow_null=True, help_text="The field it is about, dotted where nested; or null.")


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of errors."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorEntrySerializer(many=True)  # type: ignore[assignment]  # the contract's name, taken by the base class


class PaymentRequiredSerializer(ErrorSerializer):
    """What it costs, beside the error."""

    price = serializers.CharField()
    currency = serializers.CharField()


#: What any call may answer: a malformed value, a bad token, not allowed, not there, too many, a service that is away.
_ALWAYS = ("400", "401", "403", "404", "429", "503")
_WITH_BODY = ("409", "413", "415")


class ContractAutoSchema(AutoSchema):
    def get_operation(self, *args: Any) -> Any:
        """Say *Public.* after whatever the view says of the call itself."""
        operation = super().get_operation(*args)
        if operation is not None and self._is_public():
            operation["description"] = f"{operation.get('description', '')}\n\n*Public.*".strip()
        return operation

    def get_auth(self) -> Any:
        """A token is asked for by calls that are not public; spectacular knows that of DRF's own permissions alone."""
        schemes = super().get_auth()
        return [*schemes, {}] if self._is_public() and {} not in schemes else schemes

    def _is_public(self) -> bool:
        allowed = getattr(self.view, "permission_classes", [])
        return Anyone in allowed or (AnyoneMayRead in allowed and self.method == "GET")

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        statuses = _ALWAYS + (_WITH_BODY if self.method in {"POST", "PUT", "PATCH", "DELETE"} else ())
        for status in statuses:
            bodies.setdefault(status, self._get_response_for_code(ErrorSerializer, status, ["application/json"]))
        return bodies
