"""Inserting rows of which some may be there already, and learning which were not."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery


def insert_new(rows: Sequence[Model], *, returning: Sequence[str]) -> list[tuple[Any, ...]]:
    """Insert rows of one table in one statement and return the fields ``returning`` of those that went in.

    ``bulk_create`` can leave out what is there already, but does not say then what that was; the statement it would
    run does, asked for what it returns. No more rows than PostgreSQL takes values: 65,535 by the number of columns.
    """
    if not rows:
        return []
    model = type(rows[0])
    query = InsertQuery(model, on_conflict=OnConflict.IGNORE)
    query.insert_values([field for field in model._meta.concrete_fields if not field.primary_key], list(rows))
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.returning_fields = [model._meta.get_field(name) for name in returning]
    [(statement, values)] = compiler.as_sql()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
