"""Who may call: each view says it, and what says nothing is closed."""

from typing import TYPE_CHECKING

from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF loads its views only after the classes that settings name
    from rest_framework.views import APIView


class NobodyUnlessSaid(BasePermission):
    """The default. A view that forgot to say who may call it answers 403 to everyone."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


#: API §1: an endpoint is public only where the contract says *public*.
Anyone = AllowAny
SignedIn = IsAuthenticated


class AnyoneMayRead(BasePermission):
    """Reading is public, everything else needs a signed-in caller (and whatever its service asks)."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.method in {"GET", "HEAD", "OPTIONS"} or bool(request.user and request.user.is_authenticated)
