"""The hub of a process: who hears what, and how it reaches and is reached by other processes."""

import asyncio
import logging
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from e_learning.core import realtime, socket_watch
from e_learning.core.realtime import Push, hub, push_now, push_on_commit
from tests.core.processes import ROOT, environment
from tests.core.pushes import Pushes
from tests.core.realtime.stand_ins import Ear, OwnRedis, own_redis
from tests.thorough import in_time

#: The watch closes old connections of its thread after each answer, which counts as use of the database.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_session_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_watch, "who_knows_sessions", [set])


@pytest.fixture(autouse=True)
def no_other_process(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def redis_layer(no_other_process: None, settings: Any) -> Iterator[OwnRedis]:
    with own_redis() as server:
        backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
        config = {"hosts": [server.url], "prefix": settings.REDIS_PREFIX}
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": config}}
        yield server


async def seen(condition: Callable[[], Any], *, within: float = 5.0) -> bool:
    """Wait until ``condition`` holds; says whether it came to that."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if condition():
            return True
        await asyncio.sleep(0.005)
    return bool(condition())


# --- who hears what -------------------------------------------------------------------------------
async def test_a_group_hears_what_is_pushed_to_it_in_order_and_no_other_does() -> None:
    one, other = Ear(), Ear()
    await hub().join("community.1", one)
    await hub().join("community.2", other)

    push_now(Push("community.1", "a"), Push("community.2", "b"), Push("community.1", "c"))

    assert (one.heard, other.heard) == (["a", "c"], ["b"])
    hub().leave("community.1", one)
    hub().leave("community.2", other)


async def test_who_has_blocked_an_author_gets_something_else_or_nothing() -> None:
    ear = Ear()
    ear.hidden_authors = {7}
    await hub().join("community.1", ear)

    push_now(
        Push("community.1", "theirs", author_id=7, instead="a gap"),
        Push("community.1", "theirs", author_id=7),
        Push("community.1", "somebody's", author_id=8),
    )

    assert ear.heard == ["a gap", "somebody's"]
    hub().leave("community.1", ear)


async def test_what_is_for_one_person_is_heard_by_their_sockets_and_by_who_hears_everybody() -> None:
    bilal, chitra, asha = Ear(5), Ear(6), Ear(7)
    asha.hears_everybody = True
    for ear in (bilal, chitra, asha):
        await hub().join("progress.3", ear)

    push_now(Push("progress.3", "of Bilal", user_id=5))

    assert (bilal.heard, chitra.heard, asha.heard) == (["of Bilal"], [], ["of Bilal"])
    for ear in (bilal, chitra, asha):
        hub().leave("progress.3", ear)


async def test_what_is_for_all_but_one_person_is_heard_by_none_of_their_sockets() -> None:
    devices, chitra = [Ear(5), Ear(5)], Ear(6)
    for ear in (*devices, chitra):
        await hub().join("community.1", ear)

    push_now(Push("community.1", "Bilal is here", but_user_id=5))

    assert ([ear.heard for ear in devices], chitra.heard) == ([[], []], ["Bilal is here"])
    for ear in (*devices, chitra):
        hub().leave("community.1", ear)


async def test_with_the_last_socket_the_hub_ends_and_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    ears = [Ear() for _ in range(3)]
    for ear in ears:
        await hub().join("community.1", ear)
    for ear in ears:
        hub().leave("community.1", ear)
        hub_was_left_twice = realtime._hub
        if hub_was_left_twice is not None:
            hub_was_left_twice.leave("community.1", ear)
    await asyncio.sleep(0)

    assert realtime._hub is None
    assert await seen(lambda: asyncio.all_tasks() == before)


# --- when -----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_before_the_commit_and_nothing_of_what_was_rolled_back(pushes: Pushes) -> None:
    with transaction.atomic():
        push_on_commit(Push("community.1", '{"type": "kept"}'))
        assert pushes == []
    with transaction.atomic():
        push_on_commit(Push("community.1", '{"type": "lost"}'))
        transaction.set_rollback(True)

    assert pushes.kinds("community.1") == ["kept"]


async def test_without_a_transaction_it_leaves_at_once(pushes: Pushes) -> None:
    push_on_commit(Push("community.1", '{"type": "now"}'))

    assert pushes.kinds("community.1") == ["now"]


async def test_a_plain_thread_reaches_an_idle_loop_at_once() -> None:
    ear, delays = Ear(), []
    await hub().join("community.1", ear)
    for _ in range(20):
        began = time.monotonic()
        threading.Thread(target=push_now, args=[Push("community.1", "hello")]).start()
        assert await seen(lambda: ear.heard)
        delays.append(time.monotonic() - began)
        ear.heard.clear()

    assert statistics.median(delays) < in_time(0.1)
    hub().leave("community.1", ear)


# --- other processes ------------------------------------------------------------------------------
async def test_any_number_of_sockets_is_one_subscription_and_hears_each_frame_once(redis_layer: OwnRedis) -> None:
    ears = [Ear() for _ in range(50)]
    await asyncio.gather(*[hub().join("community.1", ear) for ear in ears])
    assert redis_layer.subscribers("community.1") == 1

    push_now(Push("community.1", "hello"))
    assert await seen(lambda: "cmdstat_publish" in redis_layer.ask().info("commandstats"))
    await asyncio.sleep(0.3)

    assert [ear.heard for ear in ears] == [["hello"]] * 50
    for ear in ears:
        hub().leave("community.1", ear)
    assert await seen(lambda: redis_layer.subscribers("community.1") == 0)


async def test_joins_and_leaves_that_overlap_end_in_what_is_still_open(redis_layer: OwnRedis) -> None:
    stays = Ear()
    await hub().join("community.0", stays)
    chance = random.Random(5)

    async def come_and_go(number: int) -> None:
        for _ in range(10):
            ear = Ear()
            await hub().join(f"community.{number}", ear)
            await asyncio.sleep(chance.random() * 0.002)
            hub().leave(f"community.{number}", ear)

    await asyncio.gather(*[come_and_go(number % 3) for number in range(30)])
    await hub().join("community.9", last := Ear())

    assert redis_layer.subscribers("community.9") == redis_layer.subscribers("community.0") == 1
    assert await seen(lambda: redis_layer.subscribers("community.1") == redis_layer.subscribers("community.2") == 0)
    hub().leave("community.9", last)
    hub().leave("community.0", stays)


async def test_what_one_hub_left_to_be_published_is_no_news_to_the_next(redis_layer: OwnRedis) -> None:
    ear = Ear()
    await hub().join("community.1", ear)
    for number in range(200):
        push_now(Push("community.1", f"said {number}"))
    hub().leave("community.1", ear)
    await hub().join("community.1", late := Ear())
    await asyncio.sleep(0.5)

    assert (len(ear.heard), late.heard) == (200, [])
    hub().leave("community.1", late)


PROGRAM = """
import django
django.setup()
from e_learning.core.realtime import Push, push_on_commit
push_on_commit(Push("community.1", "from far", author_id=7), Push("community.1", "away"))
"""


async def test_a_command_that_ends_at_once_is_heard(redis_layer: OwnRedis, tmp_path: Any) -> None:
    ear = Ear()
    await hub().join("community.1", ear)
    variables = {"DATA_DIR": str(tmp_path), "REDIS_URL": redis_layer.url}
    given = environment(DJANGO_SETTINGS_MODULE="e_learning.settings", **variables)

    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", PROGRAM], env=given, cwd=ROOT, check=True)

    assert await seen(lambda: ear.heard == ["from far", "away"])
    hub().leave("community.1", ear)


@pytest.mark.timeout(60)
async def test_redis_may_die_and_come_back(redis_layer: OwnRedis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "e_learning.core")
    ear, late = Ear(), Ear()
    await hub().join("community.1", ear)
    redis_layer.kill()
    for number in range(20):
        push_now(Push("community.1", f"meanwhile {number}"))
        await asyncio.sleep(0.01)
    await hub().join("community.2", late)
    assert len(ear.heard) == 20  # this process needs no Redis for its own
    redis_layer.start()
    began = time.monotonic()

    while not {"from elsewhere 1", "from elsewhere 2"} <= {*ear.heard, *late.heard}:
        assert time.monotonic() - began < 10
        for group in (1, 2):
            await from_elsewhere(group)
        await asyncio.sleep(0.1)

    said = [record.message for record in caplog.records if "is away" in record.message]
    assert len(said) == 2  # one of what is pushed, one of what is heard
    hub().leave("community.1", ear)
    hub().leave("community.2", late)


async def from_elsewhere(group: int) -> None:
    """Push as another process does: through the layer, by somebody else."""
    event = realtime._event("somebody else", f"community.{group}", [Push("", f"from elsewhere {group}")])
    layer = realtime.layer_between_processes()
    assert layer is not None
    await layer.group_send(f"community.{group}", event)
