"""How often races are run and how many examples are tried.

A few with every ``make test``, so that it stays quick; all of them with ``THOROUGH=1``, as CI does on PostgreSQL.
"""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"


def times(whole: int, *, few: int) -> int:
    """Return ``whole`` in a thorough run, else ``few``."""
    return whole if THOROUGH else few
