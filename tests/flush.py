"""Empties the database after a test that commits: the tables in which it left something, not all that there are.

Django empties every table and makes permissions and groups again, after each such test: most of a second on
PostgreSQL, where a TRUNCATE gives each table and index a new file. A test leaves rows in some ten tables, and those
that came with the migrations as they were. So the tables with rows are asked for and deleted from; only a test that
changes what the migrations made pays for Django's way. Ids go on counting either way.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

#: What migrations write, and a test as good as never.
MADE_BY_MIGRATIONS = [table._meta.db_table for table in (ContentType, Permission, Group, Group.permissions.through)]
_as_migrated: list[Any] = []
_flush_as_django_does = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # left out of its stubs


def remember_what_migrations_made() -> None:
    """Look at the fresh database, and flush like this from now on."""
    _as_migrated[:] = _made_by_migrations()
    TransactionTestCase._fixture_teardown = flush  # type: ignore[attr-defined]


def flush(test: TransactionTestCase) -> None:
    if _made_by_migrations() == _as_migrated:
        empty_what_was_filled()
        return
    _flush_as_django_does(test)
    _as_migrated[:] = _made_by_migrations()


def empty_what_was_filled() -> None:
    """Delete all rows of all tables but those of the migrations, once nobody writes any more.

    On PostgreSQL this waits, as a TRUNCATE does, for whoever still writes: a row that is committed later would be the
    next test's. Foreign keys are deferred, so that the order of tables does not matter.
    """
    quoted = {table: connection.ops.quote_name(table) for table in tables_of_tests()}
    filled = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in quoted.items()
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(quoted.values())} IN EXCLUSIVE MODE")
        cursor.execute(filled)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted[table]}")


def tables_of_tests() -> list[str]:
    """Return the table of every model, but those that the migrations have written to."""
    return [table for table in connection.introspection.django_table_names() if table not in MADE_BY_MIGRATIONS]


def _made_by_migrations() -> list[Any]:
    with connection.cursor() as cursor:
        rows = []
        for table in MADE_BY_MIGRATIONS:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY id")
            rows.append(cursor.fetchall())
    return rows
