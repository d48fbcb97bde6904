"""Columns that Django has none for."""

from array import array
from typing import Any

from django.db import models


class NumbersField(models.Field):
    """Numbers of four bytes: ``real[]`` on PostgreSQL, which pgvector reads as a vector, and their bytes on SQLite."""

    def db_type(self, connection: Any) -> str:
        return "real[]" if connection.vendor == "postgresql" else "blob"

    def get_db_prep_value(self, value: "array[float]", connection: Any, prepared: bool = False) -> Any:
        return value.tolist() if connection.vendor == "postgresql" else value.tobytes()

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> "array[float]":
        return array("f", value)
