"""Two people talk over a real server: by the reference client, and in terminals."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from community.chat.client import ChatClient, Frame, Refused
from tests.flows.platform import ROOT, Platform
from tests.realtime.client import connect, sign_in


class Person:
    """Somebody of the demo school with the reference client; ``heard`` are all frames."""

    def __init__(self, platform: Platform, community_id: int, name: str, **options: Any) -> None:
        self.token = sign_in(platform.address, f"{name}@demo.school")
        self.heard: list[Frame] = []
        address = platform.address.replace("http", "ws") + path_of(community_id)
        self.client = ChatClient(address, self._give_token, heard=self.heard.append, patience=0.1, **options)

    async def _give_token(self) -> str:
        return self.token

    async def hears(self, kind: str, is_it: Callable[[Frame], bool] = lambda frame: True) -> Frame:
        """Wait until such a frame was heard, now or before."""
        async with asyncio.timeout(10):
            while True:
                found = [frame for frame in self.heard if frame["type"] == kind and is_it(frame)]
                if found:
                    return found[-1]
                await asyncio.sleep(0.02)

    async def holds(self, messages: dict[int, Frame]) -> None:
        """Wait until this client holds exactly these messages."""
        async with asyncio.timeout(10):
            while self.client.held.messages != messages:  # noqa: ASYNC110 - the client knows of no such event
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Person"]:
        running = asyncio.create_task(self.client.run())
        try:
            async with asyncio.timeout(20):
                await self.client.is_synced.wait()
            yield self
        finally:
            await self.client.close()
            await asyncio.wait_for(running, timeout=10)


def path_of(community_id: int) -> str:
    return f"/ws/community/chat/{community_id}/"


def stored(platform: Platform, community_id: int, token: str) -> dict[int, Frame]:
    """Return what the database holds of the room, as the API tells it."""
    found, after_seq = {}, 0
    while True:
        page = httpx.get(
            f"{platform.address}/api/community/messages/",
            params={"community": community_id, "after_seq": after_seq},
            headers={"Authorization": f"Bearer {token}"},
        ).json()
        found |= {message["message_id"]: message for message in page["results"]}
        if not page["has_more"]:
            return found
        after_seq = page["results"][-1]["seq"]


@pytest.fixture(scope="module")
def community_id(platform: Platform) -> int:
    """The community of the demo school in which Bilal is."""
    headers = {"Authorization": f"Bearer {sign_in(platform.address, 'bilal@demo.school')}"}
    groups = httpx.get(f"{platform.address}/api/community/groups/", headers=headers).json()["results"]
    return next(group["id"] for group in groups if group["my_role"] == "member")


async def test_two_people_talk_type_read_and_edit(platform: Platform, community_id: int) -> None:
    async with (
        Person(platform, community_id, "asha").connected() as asha,
        Person(platform, community_id, "bilal").connected() as bilal,
    ):
        bilal.client.tell({"type": "typing", "is_typing": True})
        assert (await asha.hears("typing"))["is_typing"]
        said = await bilal.client.send("Namsate")
        number = said["message_id"]
        await asha.hears("chat_message", lambda frame: frame["message_id"] == number)
        asha.client.tell({"type": "read_receipt", "message_id": number})
        assert (await bilal.hears("read_receipt"))["read_count"] >= 1
        bilal.client.edit(number, "Namaste")
        await asha.hears("message_edited", lambda frame: frame["message"] == "Namaste")
        await asha.hears("typing", lambda frame: not frame["is_typing"])
        assert len(asha.client.online) == len(bilal.client.online) == 2
        now = stored(platform, community_id, bilal.token)
        await asha.holds(now)
        await bilal.holds(now)
    assert now[number]["message"] == "Namaste"


async def test_who_is_cut_off_comes_back_and_misses_nothing(platform: Platform, community_id: int) -> None:
    async with (
        Person(platform, community_id, "asha").connected() as asha,
        Person(platform, community_id, "bilal").connected() as bilal,
    ):
        await bilal.client.drop()
        own = [bilal.client.send(f"From the tunnel {number}") for number in range(5)]
        others = [asha.client.send(f"While you were away {number}") for number in range(10)]
        sent = await asyncio.wait_for(asyncio.gather(*others, *own), timeout=20)
        asha.client.delete(sent[0]["message_id"])
        await asha.hears("message_deleted", lambda frame: frame["message_id"] == sent[0]["message_id"])
        now = stored(platform, community_id, bilal.token)
        await bilal.holds(now)
        await asha.holds(now)
    assert len({frame["message_id"] for frame in sent}) == 15
    assert now[sent[0]["message_id"]]["is_deleted"]
    texts = [message.get("message") for message in now.values()]
    assert [texts.count(f"From the tunnel {number}") for number in range(5)] == [1] * 5


async def test_a_frame_over_the_limit_closes_with_a_code(platform: Platform, community_id: int) -> None:
    async with connect(platform.address, path_of(community_id), sign_in(platform.address, "bilal@demo.school")) as one:
        await one.send("x" * 17_000)
        assert await one.closed_with() == 1009


async def test_strangers_are_told_once_and_do_not_come_back(platform: Platform, community_id: int) -> None:
    stranger = Person(platform, community_id, "chitra")
    with pytest.raises(Refused, match="4403"):
        await asyncio.wait_for(stranger.client.run(), timeout=10)


@pytest.mark.timeout(300)  # two programs start beside whatever else runs
def test_two_terminals_talk(platform: Platform, community_id: int) -> None:
    headers = {"Authorization": f"Bearer {sign_in(platform.address, 'bilal@demo.school')}"}
    group = httpx.get(f"{platform.address}/api/community/groups/{community_id}/", headers=headers).json()
    with (
        Terminal(platform, "asha", str(group["course_id"])) as asha,
        Terminal(platform, "bilal", group["title"]) as bilal,
    ):
        for one in (asha, bilal):
            one.shows("-- connected")
        asha.types("Hello Bilal")
        assert ": Hello Bilal" in bilal.shows("Hello Bilal")
        bilal.types("Hello Asha", "/who")
        number = asha.shows("Hello Asha").partition("]")[0].removeprefix("[")
        assert "you" in bilal.shows("-- here")
        bilal.types(f"/edit {number} Good morning", f"/delete {number}", "/nonsense", "/quit")
        assert asha.shows("now:").endswith("Good morning")
        assert asha.shows("deleted").strip().startswith(f"[{number}]")
        bilal.ends()
        asha.shows("Bilal has left")


def test_a_terminal_of_a_stranger_says_so_and_ends(platform: Platform, community_id: int) -> None:
    with Terminal(platform, "chitra", "Alphabet in Signs") as chitra:
        chitra.shows("does not let chitra@demo.school in (4403)")
        chitra.ends(1)


class Terminal:
    """``manage.py chat`` as a program, with lines in and lines out."""

    def __init__(self, platform: Platform, name: str, course: str) -> None:
        where = platform.address.replace("http", "ws")
        arguments = ["chat", "--as", f"{name}@demo.school", "--course", course, "--url", where]
        self._program = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=platform.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        self._program.kill()
        self._program.communicate(timeout=10)

    def types(self, *lines: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.writelines(f"{line}\n" for line in lines)
        self._program.stdin.flush()

    def shows(self, text: str) -> str:
        """Return the next line with this text in it; the test's own time-out ends the waiting."""
        assert self._program.stdout is not None
        passed = []
        for line in self._program.stdout:
            if text in line:
                return line.rstrip("\n")
            passed.append(line)
        raise AssertionError(f"{text!r} was not shown: {passed}")

    def ends(self, status: int = 0) -> None:
        assert self._program.wait(timeout=20) == status
