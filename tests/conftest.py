"""What every test may ask for: the three people who carry the tests, clients that speak for them, and a clean start."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connection
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.learning import course_page
from e_learning.core.api.throttles import by_address, by_user
from tests.factories.people import person, token_for

ClientFor = Callable[[CustomUser], APIClient]

# A gate asks the same questions of every commit: the same examples each time, and no clock on any of them.
# HYPOTHESIS_PROFILE=explore looks for new ones; what it finds becomes an @example or a test of its own.
hypothesis_settings.register_profile("gate", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """Limits, caches and kept pages outlive a test's transaction, and SQLite gives the next test the same ids.

    By a prefix of its own, not by clearing: tests that run beside it may count in the same Redis.
    """
    caches["default"].key_prefix = caches.settings["default"]["KEY_PREFIX"] = f"test-{uuid4().hex}"
    by_user.reset()
    by_address.reset()
    course_page._kept.clear()


@pytest.fixture(autouse=True)
def own_media_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def tasks_run_at_once() -> Iterator[None]:
    """No worker runs beside the tests: a task that was woken runs in place, after the commit as always."""
    from e_learning.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL, where the numbers of statements are promised."""
    return connection.vendor == "postgresql"


@pytest.fixture
def asha(db: None) -> CustomUser:
    """Asha teaches: her courses are what the others learn from."""
    return person("asha", role="instructor")


@pytest.fixture
def bilal(db: None) -> CustomUser:
    """Bilal learns."""
    return person("bilal")


@pytest.fixture
def chitra(db: None) -> CustomUser:
    """Chitra is a signed-in stranger who must see nothing."""
    return person("chitra")


@pytest.fixture
def admin(db: None) -> CustomUser:
    return person("admin", role="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def client_for() -> ClientFor:
    """Return a function that gives an API client signed in as somebody, by a real token over a real session row."""

    def make(user: CustomUser) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(user)}")
        return client

    return make


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()
