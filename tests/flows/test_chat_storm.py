"""Chat while its processes are killed and its Redis is emptied: nothing acknowledged is lost, and everybody ends up
with exactly what the database holds. At full size with `make storms`.
"""

import asyncio
import csv
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from community.chat.client import ChatClient, Frame
from tests.flows.cluster import Cluster, running_cluster
from tests.thorough import in_storms

DATA = Path(__file__).resolve().parents[3] / "shared/data"
PEOPLE, ROOMS = in_storms(50, few=12), in_storms(8, few=3)
A_SECOND, SECONDS, KILLED_EVERY = in_storms(100, few=30), in_storms(60, few=5), in_storms(5, few=2)
#: How long the last of them may take to have everything, once the storm is over.
SETTLING_SECONDS = 60
#: Who replays what is written: so many a room that nobody sends more than 100 frames in 10 s.
SPEAKERS = in_storms(8, few=2)
Trouble = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@dataclass(slots=True)
class Talk:
    """Everybody who talks, what each of them was told was stored, and what they did to it later."""

    clients: dict[int, list[ChatClient]]
    sent: list["Said"] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def say(self, text: str, community: int | None = None) -> None:
        """Let the next one in turn say ``text``, in any community or in this one."""
        place = random.choice(list(self.clients)) if community is None else community
        client = self.clients[place][len(self.sent) % len(self.clients[place])]
        self.sent.append(Said(place, client, text, client.send(text)))

    def change_something(self) -> None:
        """Let somebody change or delete something that they said before, each message once at most."""
        said = random.choice(self.sent)
        if not said.done.done() or (message_id := said.done.result()["message_id"]) in self.touched:
            return
        self.touched.add(message_id)
        if random.random() < 0.5:
            said.client.delete(message_id)
        else:
            said.client.edit(message_id, f"{said.text}, changed")


@dataclass(frozen=True, slots=True)
class Said:
    """``done`` has the acknowledgement."""

    community: int
    client: ChatClient
    text: str
    done: "asyncio.Future[Frame]"


@asynccontextmanager
async def talking(cluster: Cluster, people: int, rooms: int) -> AsyncIterator[Talk]:
    seats = {int(community): tokens for community, tokens in cluster.run("seat", people, rooms)["seats"].items()}
    async with cluster.door() as port:
        clients = {
            community: [_client(port, community, token) for token in tokens] for community, tokens in seats.items()
        }
        everybody = [client for inside in clients.values() for client in inside]
        running = [asyncio.create_task(client.run()) for client in everybody]
        async with asyncio.timeout(SETTLING_SECONDS):
            await asyncio.gather(*(client.is_synced.wait() for client in everybody))
        try:
            yield Talk(clients)
        finally:
            await asyncio.gather(*(client.close() for client in everybody))
            for task in running:
                task.cancel()


def _client(port: int, community: int, token: str) -> ChatClient:
    async def same() -> str:
        return token

    return ChatClient(f"ws://127.0.0.1:{port}/ws/community/chat/{community}/", same, patience=0.2)


async def _storm(talk: Talk, trouble: Trouble) -> None:
    """Talk for the whole time at the same pace; ``trouble`` goes on beside."""
    making_trouble = asyncio.create_task(trouble())
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(A_SECOND * SECONDS):
        talk.say(f"message {number}, unlike any other")
        if number % 20 == 19:
            talk.change_something()
        await asyncio.sleep(max(0, began + (number + 1) / A_SECOND - loop.time()))
    await making_trouble


async def _insist_that_all_hold_the_same(cluster: Cluster, talk: Talk) -> None:
    async with asyncio.timeout(SETTLING_SECONDS):
        await asyncio.gather(*(said.done for said in talk.sent))
    held = await asyncio.to_thread(cluster.run, "held", *talk.clients)
    stored = {community: held[str(community)]["messages"] for community in talk.clients}
    for said in talk.sent:
        frame = said.done.result()
        found = [one for one in stored[said.community] if one["client_id"] == frame["client_id"]]
        assert [one["pk"] for one in found] == [frame["message_id"]], f"acknowledged and not stored once: {frame}"
        assert found[0]["text"] == said.text or frame["message_id"] in talk.touched
    assert sum(map(len, stored.values())) == len(talk.sent)
    for community, clients in talk.clients.items():
        last, messages = held[str(community)]["last_seq"], stored[community]
        _insist_on_numbers_without_gaps(messages, last)
        for client in clients:
            await _caught_up(client, last)
            assert client.held.messages.keys() == {one["pk"] for one in messages}
            assert [_seen(client.held.messages[one["pk"]]) for one in messages] == [_as_seen(one) for one in messages]


def _insist_on_numbers_without_gaps(messages: list[dict[str, Any]], last: int) -> None:
    """Each message was changed once at most, so the two numbers that it has are all that it ever had."""
    numbers = Counter(number for one in messages for number in {one["seq"], one["sent_seq"]})
    assert numbers == Counter(range(1, last + 1))


async def _caught_up(client: ChatClient, last: int) -> None:
    async with asyncio.timeout(SETTLING_SECONDS):
        while client.held.last_seq < last:  # noqa: ASYNC110 - the client tells nobody that it has caught up
            await asyncio.sleep(0.05)


def _seen(message: Frame) -> tuple[Any, ...]:
    return message["seq"], bool(message.get("is_deleted")), message.get("message")


def _as_seen(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["seq"], row["deleted_at"], None if row["deleted_at"] else row["text"]


def test_nothing_acknowledged_is_lost_while_processes_are_killed(cluster: Cluster) -> None:
    async def killing() -> None:
        for turn in range(SECONDS // KILLED_EVERY):
            process = cluster.processes[turn % len(cluster.processes)]
            await asyncio.to_thread(process.kill)
            process.start()
            await asyncio.sleep(KILLED_EVERY)

    async def run() -> None:
        async with talking(cluster, PEOPLE, ROOMS) as talk:
            await _storm(talk, killing)
            await _insist_that_all_hold_the_same(cluster, talk)

    asyncio.run(run())


def test_sockets_recover_by_themselves_when_redis_was_emptied(cluster: Cluster) -> None:
    redis = cluster.redis
    if redis is None:
        pytest.skip("one process alone has no Redis")

    async def emptying() -> None:
        for _time in range(in_storms(3, few=1)):
            await asyncio.sleep(SECONDS / in_storms(4, few=3))
            await asyncio.to_thread(redis.kill)
            await asyncio.sleep(1)
            redis.start()

    async def run() -> None:
        async with talking(cluster, PEOPLE, ROOMS) as talk:
            await _storm(talk, emptying)
            await _insist_that_all_hold_the_same(cluster, talk)
            await _insist_that_processes_hear_each_other(talk)

    asyncio.run(run())


async def _insist_that_processes_hear_each_other(talk: Talk) -> None:
    """Within 10 seconds of Redis coming back, who types is heard by all: no row heals that, only the channel layer."""
    clients = next(iter(talk.clients.values()))
    heard: set[int] = set()
    for place, client in enumerate(clients):
        client._heard = lambda frame, place=place: heard.add(place) if frame["type"] == "typing" else None  # type: ignore[misc]
    async with asyncio.timeout(10):
        while len(heard) < len(clients):
            clients[0].tell({"type": "typing", "is_typing": True})
            await asyncio.sleep(0.3)
            clients[0].tell({"type": "typing", "is_typing": False})


def _said_in_rooms() -> dict[str, list[str]]:
    """Return what was said in real rooms, the last first; who said it is nobody's business."""
    csv.field_size_limit(1_000_000)
    rooms = {}
    for path in sorted((DATA / "chat-gitter").glob("*.tsv")):
        with path.open(newline="", encoding="utf-8") as file:
            texts = [row[6] for row in csv.reader(file, delimiter="\t") if len(row) == 7]
        rooms[path.stem] = [text for text in texts if text.strip() and len(text) <= 4000]
    return rooms


@pytest.mark.skipif(not (DATA / "chat-gitter").is_dir(), reason="../shared/data is not here: real rooms are not ours")
def test_real_rooms_are_replayed_word_for_word(cluster: Cluster) -> None:
    rooms = [texts[: in_storms(1000, few=25)] for texts in _said_in_rooms().values()]
    assert len(rooms) == 10

    async def run() -> None:
        async with talking(cluster, len(rooms) * SPEAKERS, len(rooms)) as talk:
            for community, texts in zip(talk.clients, rooms, strict=True):
                for text in texts:
                    talk.say(text, community)
            await _insist_that_all_hold_the_same(cluster, talk)

    asyncio.run(run())


@pytest.mark.skipif(
    not (DATA / "chat-blns").is_dir(), reason="../shared/data is not here: awkward strings are not ours"
)
def test_awkward_strings_arrive_byte_for_byte(cluster: Cluster) -> None:
    strings = json.loads((DATA / "chat-blns/blns.json").read_text("utf-8"))

    async def run() -> None:
        async with talking(cluster, 8, 1) as talk:
            for text in filter(str.strip, strings):  # blank ones are no messages
                talk.say(text)
            await _insist_that_all_hold_the_same(cluster, talk)

    asyncio.run(run())
