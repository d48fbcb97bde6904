"""The general limits of the API: by user where there is one, else by address."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from e_learning.core.client_address import client_address
from e_learning.core.limits import LeasedLimit

by_user = LeasedLimit("user")
by_address = LeasedLimit("address")

if TYPE_CHECKING:  # DRF loads its views only after the classes that settings name
    from rest_framework.views import APIView


def count_call(request: HttpRequest, user_id: int | None) -> None:
    """Count one call against the caller's hour; raises ``TooMany`` (429 with Retry-After)."""
    if user_id is None:
        by_address.take(client_address(request))
    else:
        by_user.take(str(user_id))


class CallerThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: "APIView") -> bool:
        count_call(request._request, request.user.pk if request.user and request.user.is_authenticated else None)
        return True
