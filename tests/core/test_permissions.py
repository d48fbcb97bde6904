"""Deny by default: what says nothing is closed, and every view of ours says something."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import CustomUser
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


@pytest.mark.urls("tests.core.calls")
def test_a_view_that_says_nothing_is_closed_to_everyone(
    anonymous: APIClient, bilal: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    assert anonymous.get("/api/forgotten/").status_code == 401
    assert client_for(bilal).get("/api/forgotten/").status_code == 403
    assert client_for(admin).get("/api/forgotten/").status_code == 403


@pytest.mark.urls("tests.core.calls")
def test_where_anyone_may_read_only_the_signed_in_write(
    anonymous: APIClient, bilal: CustomUser, client_for: ClientFor
) -> None:
    assert anonymous.get("/api/readable/").status_code == 200
    assert anonymous.head("/api/readable/").status_code == 200
    assert anonymous.options("/api/readable/").status_code == 200
    assert anonymous.post("/api/readable/", {}).status_code == 401
    assert client_for(bilal).post("/api/readable/", {}).status_code == 200


def views(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in get_resolver("e_learning.urls").url_patterns if patterns is None else patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def api_views() -> list[tuple[str, Any]]:
    return [(path, callback) for path, callback in views() if path.startswith("api/")]


def says_who_may_call(view: type[APIView]) -> bool:
    """Whether the class, or a class of ours below DRF's, names its permissions in so many words."""
    ours = (
        base for base in view.__mro__ if issubclass(base, APIView) and not base.__module__.startswith("rest_framework")
    )
    return any("permission_classes" in vars(base) for base in ours)


def test_every_view_of_the_platform_says_who_may_call_it() -> None:
    found = api_views()
    silent = [path for path, callback in found if not says_who_may_call(callback.cls)]

    assert len(found) > 10
    assert silent == []


def test_a_silent_view_would_be_found() -> None:
    from tests.core.calls import Forgotten

    assert not says_who_may_call(Forgotten)


def test_everything_under_api_is_one_of_our_views() -> None:
    """A plain Django view there would know neither tokens nor limits nor the shape of errors."""
    assert [path for path, callback in api_views() if not hasattr(callback, "cls")] == []
