"""Limits hold whatever is asked at once, and say truly when to come back."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from e_learning.core import limits
from e_learning.core.api.errors import TooMany, Unavailable
from e_learning.core.limits import LeasedLimit, Limit, forget, give_back, refuse_used_up, take
from tests.core.stand_ins import AWAY, all_at_once

FIVE = Limit("login_account", 5, 900)
NOON = 1_800_000_000.0


def taken(results: list[Any]) -> int:
    return sum(result is None for result in results)


def how_often(limit: Limit, key: str = "bilal", *, now: float = NOON, tries: int = 50) -> int:
    """Return how many of ``tries`` calls at ``now`` are let through."""
    passed = 0
    for _ in range(tries):
        try:
            take(limit, key, now=now)
        except TooMany:
            continue
        passed += 1
    return passed


@pytest.fixture
def local_memory(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}}
    cache.clear()


@pytest.fixture(params=["the cache of this run", "local memory"])
def either_cache(request: pytest.FixtureRequest) -> None:
    """Redis where REDIS_URL is set, and the embedded default's memory in any case."""
    if request.param == "local memory":
        request.getfixturevalue("local_memory")


@pytest.mark.usefixtures("either_cache")
def test_exactly_the_limit_passes() -> None:
    assert how_often(FIVE) == 5


@pytest.mark.usefixtures("either_cache")
def test_of_32_at_once_exactly_the_limit_passes() -> None:
    for round_ in range(5):
        results = all_at_once(32, lambda key=f"round {round_}": take(FIVE, key, now=NOON))  # type: ignore[misc]

        assert taken(results) == 5
        assert all(isinstance(result, TooMany) for result in results if result is not None)


@pytest.mark.usefixtures("local_memory")
def test_without_the_atomic_count_more_than_the_limit_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with its guard taken away: reading and writing apart."""

    def count_in_two_steps(limit: Limit, name: str, amount: int) -> int:
        count = cache.get(name, 0) + amount
        time.sleep(0.002)
        cache.set(name, count)
        return int(count)

    monkeypatch.setattr(limits, "_add", count_in_two_steps)

    assert taken(all_at_once(32, lambda: take(FIVE, "bilal", now=NOON))) > 5


@pytest.mark.usefixtures("either_cache")
def test_refused_calls_do_not_prolong_the_wait() -> None:
    assert how_often(FIVE, tries=50) == 5
    assert how_often(FIVE, now=NOON + 900 + 90) == 5


def test_keys_and_scopes_are_counted_apart() -> None:
    assert how_often(FIVE, "bilal") == 5
    assert how_often(FIVE, "chitra") == 5
    assert how_often(Limit("reset", 5, 900), "bilal") == 5


def test_keys_do_not_stand_in_the_cache_in_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    monkeypatch.setattr(limits.cache, "add", lambda name, *args, **kwargs: names.append(name), raising=False)
    monkeypatch.setattr(limits.cache, "incr", lambda *args: 1, raising=False)

    take(FIVE, "bilal@demo.school", now=NOON)

    assert len(names) == 1
    assert "bilal" not in names[0]


@given(
    steps=st.lists(st.floats(0, 500), min_size=1, max_size=60),
    start=st.floats(1_700_000_000, 1_900_000_000),
)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_window_ever_holds_more_than_the_limit(local_memory: None, steps: list[float], start: float) -> None:
    cache.clear()
    passed, now = [], start
    for step in steps:
        now += step
        try:
            take(FIVE, "bilal", now=now)
        except TooMany:
            continue
        passed.append(now)

    assert all(len([other for other in passed if at <= other < at + 900]) <= 5 for at in passed)


@given(start=st.floats(1_700_000_000, 1_900_000_000), steps=st.lists(st.floats(0, 300), min_size=4, max_size=4))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_waits_as_long_as_told_is_let_through(local_memory: None, start: float, steps: list[float]) -> None:
    cache.clear()
    now = start
    take(FIVE, "bilal", now=now)
    for step in steps:
        now += step
        take(FIVE, "bilal", now=now)
    try:
        take(FIVE, "bilal", now=now)
    except TooMany as refusal:
        wait = int(refusal.headers["Retry-After"])
        assert wait <= 900 + 90 + 1
        take(FIVE, "bilal", now=now + wait)
    else:
        assert now - start >= 900


def test_a_call_given_back_can_be_made_again() -> None:
    assert how_often(FIVE) == 5

    give_back(FIVE, "bilal", now=NOON)

    assert how_often(FIVE) == 1


def test_who_showed_the_right_password_starts_anew() -> None:
    assert how_often(FIVE) == 5
    assert how_often(FIVE, now=NOON + 600) == 0

    forget(FIVE, "bilal", now=NOON + 600)

    assert how_often(FIVE, now=NOON + 600) == 5


def test_without_a_cache_nobody_is_let_through(settings: Any) -> None:
    settings.CACHES = AWAY

    with pytest.raises(Unavailable) as refusal:
        take(FIVE, "bilal")
    assert refusal.value.status == 503


def test_giving_back_and_forgetting_never_fail_a_call_that_worked(settings: Any) -> None:
    settings.CACHES = AWAY

    give_back(FIVE, "bilal")
    forget(FIVE, "bilal")


def test_a_cache_that_hangs_is_given_up_soon(settings: Any) -> None:
    """A server that takes the connection and says nothing."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{silent.getsockname()[1]}",
                "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
            }
        }
        started = time.monotonic()
        with pytest.raises(Unavailable):
            take(FIVE, "bilal")

    assert time.monotonic() - started < 5


@pytest.mark.skipif("not __import__('django.conf').conf.settings.REDIS_URL", reason="REDIS_URL is not set")
def test_the_cache_of_production_has_time_outs(settings: Any) -> None:
    assert 0 < settings.CACHES["default"]["OPTIONS"]["socket_timeout"] <= 5


# --- the general limits, taken in leases ----------------------------------------------------------


@pytest.fixture
def leased(settings: Any) -> LeasedLimit:
    settings.LIMITS = {**settings.LIMITS, "user": "305/3600"}
    return LeasedLimit("user")


def passes(limit: LeasedLimit, key: str = "7") -> bool:
    try:
        limit.take(key)
    except TooMany:
        return False
    return True


@pytest.mark.usefixtures("either_cache")
def test_in_one_process_exactly_the_limit_passes(leased: LeasedLimit) -> None:
    assert [passes(leased) for _ in range(310)] == [True] * 305 + [False] * 5


@pytest.mark.usefixtures("either_cache")
def test_threads_at_once_never_pass_a_leased_limit(leased: LeasedLimit) -> None:
    at_once = all_at_once(16, lambda: sum(passes(leased) for _ in range(40)))
    # One that asked while another held the last lease was refused: what that one left over passes now.
    afterwards = sum(passes(leased) for _ in range(40))

    assert sum(result for result in at_once if isinstance(result, int)) + afterwards == 305


def test_two_processes_together_stay_within_the_limit(leased: LeasedLimit) -> None:
    other = LeasedLimit("user")
    passed = sum(passes(limit) for _ in range(155) for limit in (leased, other))

    assert 300 <= passed <= 305


def test_leases_make_most_calls_without_the_cache(leased: LeasedLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    trips: list[int] = []
    counted = limits.take

    def count_the_trip(limit: Limit, key: str, *, amount: int, now: float) -> None:
        trips.append(amount)
        counted(limit, key, amount=amount, now=now)

    monkeypatch.setattr(limits, "take", count_the_trip)

    assert all(passes(leased) for _ in range(300))

    assert trips == [3] * 100


def test_a_refusal_says_when_to_come_back(leased: LeasedLimit) -> None:
    for _ in range(305):
        leased.take("7")

    with pytest.raises(TooMany) as refusal:
        leased.take("7")
    assert 1 <= int(refusal.value.headers["Retry-After"]) <= 3600 + 360


def test_general_limits_let_through_while_the_cache_is_away(leased: LeasedLimit, settings: Any) -> None:
    settings.CACHES = AWAY

    assert all(passes(leased) for _ in range(1000))


def test_memory_for_leases_is_bounded(leased: LeasedLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeasedLimit, "MOST_KEYS", 10)

    for number in range(50):
        leased.take(str(number))

    assert len(leased._leases) == 10


def test_a_lease_ends_with_the_window_it_was_counted_in(leased: LeasedLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    leased.take("7")
    trips: list[int] = []
    monkeypatch.setattr(limits, "take", lambda *args, **kwargs: trips.append(1))
    leased.take("7")
    later = time.time() + 3600
    monkeypatch.setattr(limits.time, "time", lambda: later)

    leased.take("7")

    assert len(trips) == 1


@pytest.mark.usefixtures("either_cache")
def test_what_is_not_limited_itself_waits_while_the_limit_is_used_up() -> None:
    for tries in range(5):
        refuse_used_up(FIVE, "bilal", now=NOON)
        refuse_used_up(FIVE, "bilal", now=NOON)  # asking counts nothing
        assert how_often(FIVE, now=NOON, tries=1) == 1, tries
    with pytest.raises(TooMany) as refused:
        refuse_used_up(FIVE, "bilal", now=NOON)

    wait = int(refused.value.headers["Retry-After"])
    assert 900 <= wait <= 990
    refuse_used_up(FIVE, "chitra", now=NOON)
    refuse_used_up(FIVE, "bilal", now=NOON + wait)
    with pytest.raises(TooMany):
        refuse_used_up(FIVE, "bilal", now=NOON + 890)


def test_where_the_cache_does_not_answer_it_waits_too(settings: Any) -> None:
    settings.CACHES = AWAY

    with pytest.raises(Unavailable):
        refuse_used_up(FIVE, "bilal")
