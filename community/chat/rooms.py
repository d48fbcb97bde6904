"""What this process knows of the rooms that have sockets here: which numbers passed, and who is online.

Pushes are hints: a channel layer loses some. So once a second the rows are asked for the last number of all these rooms
together, and what did not pass through the hub within a second is loaded and handed to the sockets here. Every few
seconds the same is done with who is here (``presence.py``). One task does both, from the first room to the last.
"""

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from community.chat import presence
from community.chat.frames import UserJoined, UserLeft
from community.chat.healing import changes_between, last_numbers
from e_learning.core.realtime import Push, encoded, observe, push_here
from e_learning.core.sockets import in_thread

logger = logging.getLogger(__name__)

ASK_EVERY = 1.0
KIND = "community"
#: This process, among all that serve sockets.
PROCESS_ID = uuid4()


def group_of(community_id: int) -> str:
    return f"{KIND}.{community_id}"


class Numbers:
    """Which numbers of one room have passed through here: all up to ``all_to``, and some after it."""

    def __init__(self, all_to: int) -> None:
        self.all_to = all_to
        self._after: set[int] = set()

    def __contains__(self, seq: int) -> bool:
        return seq <= self.all_to or seq in self._after

    def add(self, seq: int) -> None:
        if seq > self.all_to:
            self._after.add(seq)
        while self.all_to + 1 in self._after:
            self.all_to += 1
            self._after.discard(self.all_to)

    def skip_to(self, seq: int) -> None:
        """All up to ``seq`` were handed out, or belong to nothing any more: what was edited took a later number."""
        self.all_to = max(self.all_to, seq)
        self._after = {number for number in self._after if number > self.all_to}
        self.add(self.all_to)


@dataclass(eq=False, slots=True)
class Place:
    """One socket's place in a room, with the id of its row of presence once there is one."""

    room: "LiveRoom"
    user_id: int
    presence_id: int = 0


class LiveRoom:
    """One room with sockets here.

    ``expected`` is the last number of a second ago: what is numbered so far should have passed by now. ``online`` is
    what the sockets here were told; ``told`` counts how often, so that an answer that is older than it is not believed.
    """

    def __init__(self, community_id: int, room_id: int, last_seq: int) -> None:
        self.community_id, self.room_id = community_id, room_id
        self.numbers, self.expected = Numbers(last_seq), last_seq
        self.places: set[Place] = set()
        self.online: set[int] = set()
        self.told = 0

    def saw(self, push: Push) -> None:
        if push.seq:
            self.numbers.add(push.seq)
        elif push.text.startswith(('{"type":"user_joined"', '{"type":"user_left"')):
            frame = json.loads(push.text)
            (self.online.add if frame["type"] == "user_joined" else self.online.discard)(frame["user_id"])
            self.told += 1


class LiveRooms:
    """All rooms with sockets here, in one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[int, LiveRoom] = {}
        self._task: asyncio.Task[None] | None = None
        self._strays: set[int] = set()
        self._renewed_at = float("-inf")

    def is_of_this_loop(self) -> bool:
        return self._loop is asyncio.get_running_loop()

    def saw(self, push: Push) -> None:
        """Take notice of what passes through the hub on its way to the sockets here."""
        room = self._rooms.get(int(push.group.partition(".")[2]))
        if room is not None:
            room.saw(push)

    async def arrive(
        self, *, community_id: int, room_id: int, last_seq: int, user_id: int
    ) -> tuple[Place, list[int], bool]:
        """Note one more socket, which hears its group already; ``last_seq`` was asked before that.

        Returns its place, who is in the room, and whether this person was not there a moment ago.
        """
        room = self._rooms.get(community_id)
        if room is None:
            room = self._rooms[community_id] = LiveRoom(community_id, room_id, last_seq)
        place = Place(room, user_id)
        room.places.add(place)
        if self._task is None:
            self._task = asyncio.create_task(self._keep_looking())
        try:
            if self._loop.time() - self._renewed_at > 2 * presence.RENEWED_EVERY:
                await self._renew()
            arrival = await in_thread(presence.arrive, process_id=PROCESS_ID, room_id=room_id, user_id=user_id)
        except BaseException:
            self._forget(place)
            raise
        place.presence_id = arrival.presence_id
        room.online = room.online or set(arrival.online)
        return place, arrival.online, arrival.is_first

    async def depart(self, place: Place) -> bool:
        """Note that a socket is gone; True where it was its user's last in the room, over all processes."""
        self._forget(place)
        return await in_thread(
            presence.depart, presence_id=place.presence_id, room_id=place.room.room_id, user_id=place.user_id
        )

    def _forget(self, place: Place) -> None:
        room = place.room
        room.places.discard(place)
        if not room.places and self._rooms.get(room.community_id) is room:
            del self._rooms[room.community_id]

    async def _renew(self) -> None:
        await in_thread(presence.renew, process_id=PROCESS_ID)
        self._renewed_at = self._loop.time()

    # --- looking ----------------------------------------------------------------------------------
    async def _keep_looking(self) -> None:
        looked_at, is_away = self._loop.time(), False
        while self._rooms:
            await asyncio.sleep(ASK_EVERY)
            try:
                await self.heal()
                if self._loop.time() - looked_at >= presence.RENEWED_EVERY:
                    looked_at = self._loop.time()
                    await self.look_who_is_here()
                is_away = False
            except Exception as error:  # noqa: BLE001 - whatever the database's client raises; the next second asks again
                if not is_away:
                    logger.warning("rooms can't be compared with their rows: %r", error)
                is_away = True
        self._task = None

    async def heal(self) -> None:
        """Hand out what should have passed through here by now and did not."""
        rooms = {room.room_id: room for room in self._rooms.values()}
        last = await in_thread(last_numbers, list(rooms))
        for room_id, room in rooms.items():
            if room.numbers.all_to < room.expected:
                await self._hand_out_what_was_missed(room)
            room.expected = last.get(room_id, 0)

    async def _hand_out_what_was_missed(self, room: LiveRoom) -> None:
        numbers, upto = room.numbers, room.expected
        changes = await in_thread(changes_between, room_id=room.room_id, after_seq=numbers.all_to, upto_seq=upto)
        missed = [change for change in changes if change.seq not in numbers]
        if missed:
            logger.info("room %d: %d changes had not come by the channel layer", room.room_id, len(missed))
        push_here(*[push for change in missed for push in change.pushes(is_new=change.sent_seq not in numbers)])
        numbers.skip_to(upto)

    async def look_who_is_here(self) -> None:
        """Say that this process lives, put its own rows right, and tell the sockets here what they missed of others."""
        places = {place.presence_id: place for room in self._rooms.values() for place in room.places}
        places.pop(0, None)
        await self._renew()
        self._strays, lost = await in_thread(
            presence.align,
            process_id=PROCESS_ID,
            open_here={number: (place.room.room_id, place.user_id) for number, place in places.items()},
            strays=self._strays,
        )
        for old, new in lost.items():
            if places[old] in places[old].room.places:
                places[old].presence_id = new
            else:  # not lost: it left while the rows were compared, and must not stay here by its new row
                await in_thread(presence.forget, presence_id=new)
        await in_thread(presence.forget_silent_processes)
        rooms = {room.room_id: (room, room.told) for room in self._rooms.values()}
        for room_id, online in (await in_thread(presence.online_in, list(rooms))).items():
            room, told = rooms[room_id]
            if room.told == told:
                self._tell_difference(room, online)

    def _tell_difference(self, room: LiveRoom, online: set[int]) -> None:
        joined: list[Any] = [UserJoined(user_id) for user_id in sorted(online - room.online)]
        left: list[Any] = [UserLeft(user_id) for user_id in sorted(room.online - online)]
        group = group_of(room.community_id)
        push_here(*[Push(group, encoded(frame)) for frame in joined + left])


_live: LiveRooms | None = None


def live_rooms() -> LiveRooms:
    """Return the rooms with sockets of the running loop. The hub tells them what passes."""
    global _live  # noqa: PLW0603 - one a process, as the hub
    if _live is None or not _live.is_of_this_loop():
        _live = LiveRooms()
        observe(KIND, _live.saw)
    return _live
