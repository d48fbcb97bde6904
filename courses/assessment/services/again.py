"""Work that another transaction may tear, done again."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError

Result = TypeVar("Result")
_MOST_TRIES = 5


def again_if_torn(work: Callable[[], Result]) -> Result:
    """Run ``work``, one transaction, again where its commit met a row that was removed or added under it.

    Foreign keys are checked at the commit: an answer whose question was deleted meanwhile, or a question that
    got an answer while it was deleted. The next run finds the rows as they then are.
    """
    for _try in range(_MOST_TRIES - 1):
        try:
            return work()
        except IntegrityError:
            continue
    return work()
