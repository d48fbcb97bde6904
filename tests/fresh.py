"""A copy of the test database as the migrations left it, for servers that a test starts with data of their own.

Migrating an empty database takes some ten seconds of a processor; a server that finds it done starts in three. Where
no test of this process has asked for the database yet there is nothing to copy, and the server migrates by itself.
What ``make run`` does in an empty folder is tested where nothing is copied (tests/core/test_serve.py).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

#: The file or, on PostgreSQL, the database that is copied from.
_kept: list[str] = []


def keep() -> None:
    """Keep a copy of the database as it is now: it was just migrated."""
    name = f"{connection.settings_dict['NAME']}_fresh"
    if connection.vendor == "postgresql":
        template = connection.settings_dict["NAME"]
        connection.close()  # a database in use cannot be copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(name)) as copy:
            connection.connection.backup(copy)
    _kept.append(name)


def let_go() -> None:
    name = _kept.pop()
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        Path(name).unlink()


def lay_database_into(folder: Path) -> None:
    """Give a server on SQLite, whose ``DATA_DIR`` this is, a migrated database."""
    if _kept and connection.vendor == "sqlite":
        (folder / "db.sqlite3").write_bytes(Path(_kept[0]).read_bytes())


def template() -> str:
    """Return the database that a new one on PostgreSQL is a copy of."""
    return _kept[0] if _kept else "template1"
