"""How often races are run, how many examples are tried, how long a storm lasts.

A few with every ``make test``, so that it stays quick; all races and examples with ``THOROUGH=1``. What takes minutes
by its nature (processes killed for a minute, a hundred thousand frames) is tried whole by ``make storms``.
"""

import os

THOROUGH = os.environ.get("THOROUGH") == "1"
STORM = os.environ.get("STORM") == "1"


def times(whole: int, *, few: int) -> int:
    """Return ``whole`` in a thorough run, else ``few``."""
    return whole if THOROUGH else few


def in_time(seconds: float) -> float:
    """Return how long what is promised within ``seconds`` may take: to the letter where storms are tried whole.

    The gate shares its machine, which may stand still for seconds: there it asks that the promised comes at all.
    """
    return seconds if STORM else seconds + 15


def in_storms(whole: int, *, few: int) -> int:
    """Return ``whole`` where storms are tried whole, else ``few``."""
    return whole if STORM else few
