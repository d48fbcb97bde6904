"""Connections that are kept between requests cost no statement to trust, and are replaced once they died."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's connections are files"),
]


@pytest.fixture
def kept() -> Iterator[Any]:
    """The connection as a request under Granian finds it: opened by an earlier one, and to be checked first."""
    wrapper: Any = connection
    wrapper.ensure_connection()
    wrapper.health_check_enabled, wrapper.health_check_done = True, False
    yield wrapper
    wrapper.health_check_enabled = False
    wrapper.close()


def backend_of(kept: Any) -> int:
    """Return the server process that answers, as the next request would meet it."""
    kept.health_check_done = False
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def elsewhere() -> psycopg.Connection:
    """Return a connection of the test's own to the same database."""
    values = connection.get_connection_params()
    named = {name: values[name] for name in ("dbname", "host", "port", "user", "password") if name in values}
    return psycopg.connect(**named, autocommit=True)


def test_a_living_connection_is_trusted_without_a_statement(kept: Any) -> None:
    backend = backend_of(kept)
    kept.health_check_done = False
    kept.close_if_health_check_failed()
    with elsewhere() as other:
        row = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone()
    assert kept.health_check_done
    assert row == ("SELECT pg_backend_pid()",)


def test_a_connection_that_the_server_ended_is_replaced(kept: Any) -> None:
    backend = backend_of(kept)
    with elsewhere() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    assert backend_of(kept) != backend


def test_something_unread_on_a_living_connection_does_not_end_it(kept: Any) -> None:
    backend = backend_of(kept)
    with kept.cursor() as cursor:
        cursor.execute("LISTEN attention")
    with elsewhere() as other:
        other.execute("NOTIFY attention")
    assert backend_of(kept) == backend


def test_a_closed_connection_is_not_usable(kept: Any) -> None:
    kept.connection.close()
    assert not kept.is_usable()
