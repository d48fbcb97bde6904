"""What every test may ask for: the three people who carry the tests, clients that speak for them, and a clean start."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.faqs import selectors as faqs
from courses.learning import course_page
from e_learning.core import realtime
from e_learning.core.api.throttles import by_address, by_user
from tests import flush, fresh
from tests.core.pushes import Pushes
from tests.factories.people import person, token_for

ClientFor = Callable[[CustomUser], APIClient]

# A gate asks the same questions of every commit: the same examples each time, and no clock on any of them.
# HYPOTHESIS_PROFILE=explore looks for new ones; what it finds becomes an @example or a test of its own.
hypothesis_settings.register_profile("gate", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

# Of no server's kind, though modules of tests import the servers' applications, which would say so for the processes
# started from here: xdist's workers among them, which would then pool connections to a database that is to be copied.
os.environ["PROCESS_KIND"] = "command"

# What is published in Redis is heard by all who use its prefix: each worker, with the servers it starts, has its own.
django_settings.REDIS_PREFIX = os.environ["REDIS_PREFIX"] = f"test-{uuid4().hex}"
if django_settings.REDIS_URL:
    layers: Any = django_settings.CHANNEL_LAYERS
    layers["default"]["CONFIG"]["prefix"] = django_settings.REDIS_PREFIX


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database: emptied by tests/flush.py, copied by tests/fresh.py, and of no use after a crash."""
    with django_db_blocker.unblock():
        fresh.keep()
        flush.remember_what_migrations_made()
        if connection.vendor == "postgresql":
            dont_wait_for_the_disk()
    yield
    with django_db_blocker.unblock():
        fresh.let_go()
        if connection.vendor == "postgresql":
            end_forgotten_connections()


def dont_wait_for_the_disk() -> None:
    """For every process that connects to the database: a commit that the server acknowledged is one that all see.

    Only a crash of the database server itself could lose it, and no test survives that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} SET synchronous_commit = off"
        )
    connection.close()


def end_forgotten_connections() -> None:
    """Threads of servers and pools that are gone may still hold theirs, and a database in use cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """Limits, caches and kept pages outlive a test's transaction, and SQLite gives the next test the same ids.

    By a prefix of its own, not by clearing: tests that run beside it may count in the same Redis.
    """
    caches["default"].key_prefix = caches.settings["default"]["KEY_PREFIX"] = f"test-{uuid4().hex}"
    by_user.reset()
    by_address.reset()
    course_page._kept.clear()
    faqs._kept.clear()


@pytest.fixture(autouse=True)
def no_language_yet() -> None:
    """A request leaves its language active in the thread, for the next test to be surprised by."""
    translation.deactivate()


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
def pushes(monkeypatch: pytest.MonkeyPatch) -> Pushes:
    """Collect what is pushed to sockets, where it would leave the process (tests/core/pushes.py)."""
    collected = Pushes()
    monkeypatch.setattr(realtime, "_send", collected.extend)
    return collected


@pytest.fixture
def tasks_wait(tasks_run_at_once: None) -> None:
    """What a worker does afterwards is no part of what the test looks at: tasks are queued, and nobody runs them."""
    from e_learning.celery import app

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
def ashas(client_for: ClientFor, asha: CustomUser) -> APIClient:
    return client_for(asha)


@pytest.fixture
def bilals(client_for: ClientFor, bilal: CustomUser) -> APIClient:
    return client_for(bilal)


@pytest.fixture
def chitras(client_for: ClientFor, chitra: CustomUser) -> APIClient:
    return client_for(chitra)


@pytest.fixture
def admins(client_for: ClientFor, admin: CustomUser) -> APIClient:
    return client_for(admin)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()
