"""Rows brought in line with what was read: the new inserted, the changed updated, the same left alone."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def write_rows(
    rows: QuerySet[Row],
    *,
    old: Mapping[str, Row],
    wanted: Mapping[str, Mapping[str, Any]],
    changed: Callable[[Row, set[str]], Iterable[str]] = lambda row, names: (),
) -> dict[str, Row]:
    """Return a row for each key of ``wanted``, with the values given there; two statements at most.

    ``old`` are the rows that are there, by the same keys; what nobody wants of them stays untouched.
    ``changed`` is told of each row that differs, and in what, before it is written; it names what else it set.
    """
    written: dict[str, Row] = {}
    new: list[Row] = []
    altered: list[Row] = []
    columns: set[str] = set()
    for key, values in wanted.items():
        row = old.get(key)
        if row is None:
            written[key] = rows.model(**values)
            new.append(written[key])
            continue
        written[key] = row
        columns.update(values)
        names = {name for name, value in values.items() if getattr(row, name) != value}
        for name in names:
            setattr(row, name, values[name])
        if names:
            columns.update(changed(row, names))
            altered.append(row)
    rows.bulk_create(new, batch_size=500)
    if altered:
        rows.bulk_update(altered, sorted(columns), batch_size=100)
    return written
