"""Limits that hold under concurrency: counted before the work, in the shared cache, by atomic increments.

The sliding window is counted in steps of a tenth: a call counts for at least its ``seconds`` and
at most a tenth longer, so no ``seconds`` ever hold more than ``count`` calls. A refused call is
given back, so a caller that keeps asking is not locked out for longer.
"""

import hashlib
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from e_learning.core.api.errors import TooMany, Unavailable

logger = logging.getLogger(__name__)
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` calls in any ``seconds`` for one key of ``scope``."""

    scope: str
    count: int
    seconds: int

    @classmethod
    def of(cls, scope: str) -> "Limit":
        """Return the limit that ``settings.LIMITS`` writes as ``"count/seconds"``."""
        count, seconds = settings.LIMITS[scope].split("/")
        return cls(scope, int(count), int(seconds))


def take(limit: Limit, key: str, *, amount: int = 1, now: float | None = None) -> None:
    """Count ``amount`` calls of ``key`` against ``limit`` before they happen.

    Raises ``TooMany`` (429) past the limit. Fails closed: where the cache does not answer nobody
    is let through (``Unavailable``, 503), because a password guesser must not gain by breaking it.
    """
    now = time.time() if now is None else now
    newest, *earlier = _names(limit, key, now)
    try:
        current = _add(limit, newest, amount)
        held = cache.get_many(earlier)
        counts = [current, *(held.get(name, 0) for name in earlier)]
        if sum(counts) <= limit.count:
            return
        _add(limit, newest, -amount)
    except Exception as error:  # whatever the cache's client raises
        logger.exception("limits: the cache does not answer")
        raise Unavailable from error
    raise TooMany(_wait(limit, counts, now))


def refuse_used_up(limit: Limit, key: str, *, now: float | None = None) -> None:
    """Raise ``TooMany`` where the next call of ``key`` would be past the limit; count nothing.

    For what is not limited itself and must wait while the limit is used up: a right code after too many wrong ones.
    Fails closed, as ``take`` does.
    """
    now = time.time() if now is None else now
    names = _names(limit, key, now)
    try:
        held = cache.get_many(names)
    except Exception as error:  # whatever the cache's client raises
        logger.exception("limits: the cache does not answer")
        raise Unavailable from error
    counts = [1 + held.get(names[0], 0), *(held.get(name, 0) for name in names[1:])]
    if sum(counts) > limit.count:
        raise TooMany(_wait(limit, counts, now))


def _wait(limit: Limit, counts: Sequence[int], now: float) -> int:
    """Return the seconds until enough of ``counts`` (newest step first) has passed out of the window."""
    step, over = _step(limit, now), sum(counts) - limit.count
    for back in range(_STEPS, 0, -1):
        over -= counts[back]
        if over <= 0:
            return math.ceil((step - back + _STEPS + 1) * limit.seconds / _STEPS - now)
    return math.ceil((step + _STEPS + 1) * limit.seconds / _STEPS - now)


def give_back(limit: Limit, key: str, *, now: float | None = None) -> None:
    """Take back one counted call that turned out not to count (a login whose password was right)."""
    now = time.time() if now is None else now
    try:
        _add(limit, _names(limit, key, now)[0], -1)
    except Exception:  # the call already succeeded; a count too many for one window is the lesser harm
        logger.warning("limits: could not give back", exc_info=True)


def forget(limit: Limit, key: str, *, now: float | None = None) -> None:
    """Start ``key`` anew: its owner has shown the right password."""
    now = time.time() if now is None else now
    try:
        cache.delete_many(_names(limit, key, now))
    except Exception:  # as in give_back
        logger.warning("limits: could not forget", exc_info=True)


def _step(limit: Limit, now: float) -> int:
    return int(now * _STEPS // limit.seconds)


def _names(limit: Limit, key: str, now: float) -> list[str]:
    """Return the names of the counters that a call at ``now`` is judged by, its own first."""
    # Hashed: keys hold addresses and e-mail addresses, which have no business in a cache dump.
    digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    step = _step(limit, now)
    return [f"limit:{limit.scope}:{digest}:{step - back}" for back in range(_STEPS + 1)]


def _add(limit: Limit, name: str, amount: int) -> int:
    # The number of the step is in the name, so the entry can't expire between add and incr.
    cache.add(name, 0, timeout=limit.seconds * 2 + 5)
    return int(cache.incr(name, amount))


class LeasedLimit:
    """A general limit at a fraction of the trips to the cache: each process takes calls in small leases.

    A lease is a hundredth of the limit. In one process the limit is exact for a burst, and a caller
    who comes slowly may get a lease more than it; with several processes one may be stopped early
    by what the others have leased and not used. Where the cache does not answer it lets calls
    through: these limits keep order, they guard no secret.
    """

    MOST_KEYS = 20_000

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self._leases: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Count one call of ``key``; raises ``TooMany`` past the limit."""
        limit, now = Limit.of(self.scope), time.time()
        if self._spend(limit, key, now):
            return
        leased = self._lease(limit, key, now)
        with self._lock:
            # Another thread may have leased for the same key meanwhile: what both have left adds up.
            left = self._left(limit, key, now)
            self._leases[key] = (now, left + leased - 1)
            self._leases.move_to_end(key)
            if len(self._leases) > self.MOST_KEYS:
                self._leases.popitem(last=False)

    def _left(self, limit: Limit, key: str, now: float) -> int:
        leased_at, left = self._leases.get(key, (now, 0))
        return left if now - leased_at < limit.seconds else 0

    def _spend(self, limit: Limit, key: str, now: float) -> bool:
        """Use one call of the lease in hand; False where there is none."""
        with self._lock:
            left = self._left(limit, key, now)
            if left:
                self._leases[key] = (self._leases[key][0], left - 1)
            return left > 0

    @staticmethod
    def _lease(limit: Limit, key: str, now: float) -> int:
        """Take a lease, or the single call that may be left of the limit; returns how many calls it holds."""
        amount = max(1, limit.count // 100)
        try:
            take(limit, key, amount=amount, now=now)
        except TooMany:
            if amount == 1:
                raise
            take(limit, key, now=now)
            return 1
        except Unavailable:
            logger.warning("limits: %s is not counted while the cache is away", limit.scope)
        return amount

    def reset(self) -> None:
        """Forget all leases (tests start from nothing)."""
        with self._lock:
            self._leases.clear()
