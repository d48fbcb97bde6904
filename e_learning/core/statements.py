"""Single statements that are run in another way than Django's own (docs/decisions/0003, 0014)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def row_of(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """Run ``statement`` as ``rows_of`` does and return its first row, None where there is none."""
    return next(iter(rows_of(statement, values)), None)


def rows_of(statement: str, values: dict[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run ``statement``, which returns few rows, on the default connection and return them.

    Django's cursor costs half as much again as psycopg's own, so on PostgreSQL it is left out: unless
    somebody listens to statements (the query log, execute wrappers), who then hears of this one
    too. The connection, its transaction and the classes of errors are Django's either way.
    """
    django: Any = connections[DEFAULT_DB_ALIAS]
    if django.vendor != "postgresql" or django.queries_logged or django.execute_wrappers:
        with django.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()  # type: ignore[no-any-return]  # rows
    django.close_if_health_check_failed()
    django.ensure_connection()
    django.validate_no_broken_transaction()
    with django.wrap_database_errors, django.create_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()  # type: ignore[no-any-return]  # rows


@contextmanager
def planned_for_their_values() -> Iterator[None]:
    """Within it PostgreSQL plans each statement for the values it comes with, however often it has come.

    A prepared statement soon gets one plan for any values. For most that saves the planning; where the
    values decide which index is quick (a rare word, or one that is in every document), it costs more.
    """
    django: Any = connections[DEFAULT_DB_ALIAS]
    if django.vendor != "postgresql":
        yield
        return
    django.ensure_connection()
    connection = django.connection
    threshold, connection.prepare_threshold = connection.prepare_threshold, None
    try:
        yield
    finally:
        connection.prepare_threshold = threshold
