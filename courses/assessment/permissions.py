"""Who writes quizzes."""

from typing import TYPE_CHECKING

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller_of
from e_learning.core.api.errors import NotThere

if TYPE_CHECKING:  # DRF loads its views only after the classes that settings name
    from rest_framework.views import APIView


class Authors(IsAuthenticated):
    """Signed-in people who may teach. For all others there is nothing here (404), not even a refusal to argue with."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if not caller_of(request).may_teach:
            raise NotThere
        return True
