"""Who is here, over two processes, one of which is killed: its people leave by themselves."""

import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest
from django.db import connection

from community.chat.presence import RENEWED_EVERY, SEEN_WITHIN
from tests.flows.cluster import Cluster, running_cluster
from tests.realtime.client import Socket, connect
from tests.thorough import STORM

pytestmark = [
    pytest.mark.skipif(not STORM, reason="waits until a killed process counts as silent: make storms"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one process"),
    pytest.mark.timeout(300),
]

#: Silent for so long, found at the next look; the looks take place a little later than they should on a busy machine.
LONGEST = SEEN_WITHIN.total_seconds() + 2 * RENEWED_EVERY


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


async def test_people_of_a_killed_process_leave_but_not_who_came_back(cluster: Cluster) -> None:
    ((community, tokens),) = cluster.run("seat", 3, 1)["seats"].items()

    def at(process: int, person: int) -> AbstractAsyncContextManager[Socket]:
        port = cluster.processes[process].port
        return connect(f"127.0.0.1:{port}", f"/ws/community/chat/{community}/", tokens[person])

    async with at(0, 0) as stays:
        await stays.expect("presence")
        async with at(1, 1), at(1, 2):
            goes, comes_back = [(await stays.expect("user_joined"))["user_id"] for _ in range(2)]
            cluster.processes[1].kill()
        began = time.monotonic()
        async with at(0, 2) as back:
            assert set((await back.expect("presence"))["online"]) > {goes, comes_back}
            left = await stays.expect("user_left", within=LONGEST)
            assert (left["user_id"], time.monotonic() - began < LONGEST) == (goes, True)
            assert await stays.hears_nothing(seconds=RENEWED_EVERY + 2)
