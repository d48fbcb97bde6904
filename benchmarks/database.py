"""A database for one run: made, measured in, dropped."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.servers import cpu_seconds_of, keep_on_core

#: Left on the database that a run makes, so that the next run may drop what a killed one left behind.
_MARK = "made by benchmarks/http.py"
DEFAULT_NAME = "el_bench"


class Database:
    """PostgreSQL as a run sees it: an address, and the server processes that work for this database."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.name = parts.path.strip("/") or DEFAULT_NAME
        self.address = urlunsplit(parts._replace(path=f"/{self.name}", query="", fragment=""))
        self._maintenance = urlunsplit(parts._replace(path="/postgres", query="", fragment=""))
        self.is_local = parts.hostname in {None, "localhost", "127.0.0.1", "::1"}

    @contextmanager
    def made(self) -> Iterator[None]:
        """Create the database and drop it at the end. Refuses one that is there and not from an earlier run."""
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            self._drop_leftover(connection)
            name = sql.Identifier(self.name)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, _MARK))
            try:
                yield
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _drop_leftover(self, connection: psycopg.Connection) -> None:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [self.name]
        ).fetchone()
        if found is None:
            return
        if found[0] != _MARK:
            raise SystemExit(
                f"The database {self.name} exists and is not ours to drop. Name another: --database …/name"
            )
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))

    def keep_on_core(self, core: int) -> bool:
        """Move what works for this database to ``core``; the rest of the PostgreSQL server stays where it was."""
        return self.is_local and keep_on_core(self._backends(), core)

    def cpu_seconds(self) -> float | None:
        """CPU used so far by the backends of this database; they are kept, so a difference counts the work between."""
        return cpu_seconds_of(self._backends()) if self.is_local else None

    def _backends(self) -> list[int]:
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.name]).fetchall()
        return [pid for (pid,) in rows]
