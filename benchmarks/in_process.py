"""Measuring in this process, without a server: the project set up on a database of the run's own."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import django

from benchmarks.database import Database
from benchmarks.servers import ROOT


@contextmanager
def set_up_on(address: str) -> Iterator[None]:
    """Make the database at ``address``, migrate it and set Django up; models can be imported from here on."""
    database = Database(address)
    signal.signal(signal.SIGTERM, lambda *_received: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, database.made():
        os.environ.update(
            DJANGO_SETTINGS_MODULE="e_learning.settings",
            ENV_FILE=os.devnull,
            DATABASE_URL=database.address,
            DATA_DIR=folder,
            SECRET_KEY=secrets.token_hex(32),
        )
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
        django.setup()
        from django.db import connection

        try:
            yield
        finally:
            connection.close()
