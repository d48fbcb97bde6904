"""Signing in to the pages (the admin) by the same rule, and under the same limits, as over the API."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.signin.services import authenticate_person
from accounts.users.models import CustomUser, normalized_email
from e_learning.core.api.errors import ApiError
from e_learning.core.client_address import client_address


class LimitedBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> CustomUser | None:
        """Return the user, or None for every refusal: the form says the same for all of them, past the limit too."""
        email = username or kwargs.get(CustomUser.USERNAME_FIELD)
        if not email or password is None:
            return None
        address = client_address(request) if request is not None else "shell"
        try:
            return authenticate_person(email=normalized_email(email), password=password, address=address)
        except ApiError:
            return None
