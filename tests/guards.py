"""Guards of the database taken away for a while, so that a race can go wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model


@contextmanager
def without(model: type[Model], *names: str, clear: Callable[[], object] | None = None) -> Iterator[None]:
    """Take constraints off the table. ``clear`` removes what they would not let in again: all rows, if not given.

    The model's list goes along, one by one: SQLite makes tables anew from it.
    """
    meta, whole = model._meta, model._meta.constraints
    gone = [constraint for constraint in whole if constraint.name in names]
    assert len(gone) == len(names)
    try:
        for constraint in gone:
            meta.constraints = [one for one in meta.constraints if one is not constraint]
            with connection.schema_editor() as editor:
                editor.remove_constraint(model, constraint)
        yield
    finally:
        (clear or model._default_manager.all().delete)()
        for constraint in gone:
            meta.constraints = [*meta.constraints, constraint]
            with connection.schema_editor() as editor:
                editor.add_constraint(model, constraint)
        meta.constraints = whole
