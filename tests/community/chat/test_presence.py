"""Who is here: over devices and processes, and after a process died."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from community.chat import presence, rooms
from community.chat.models import Presence, SocketProcess
from community.chat.rooms import LiveRooms, Numbers, live_rooms
from tests.community.chat.talkers import Scene

transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def looks_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "ASK_EVERY", 3600)


@pytest.fixture
def process() -> UUID:
    """Another process that serves sockets, alive now."""
    return SocketProcess.objects.create(id=uuid4(), seen_at=timezone.now()).pk


def fell_silent(process: UUID, **ago: int) -> None:
    SocketProcess.objects.filter(pk=process).update(seen_at=timezone.now() - timedelta(**ago))


@transactional
async def test_coming_in_tells_who_is_here_and_the_others_who_came(scene: Scene) -> None:
    asha_id, bilal_id = scene.people["asha"].pk, scene.people["bilal"].pk
    async with scene.inside("asha") as (asha,):
        bilal = scene.knock("bilal")
        await bilal.socket.connect()
        assert (await bilal.expect("presence"))["online"] == sorted([asha_id, bilal_id])
        assert await asha.expect("user_joined") == {"type": "user_joined", "user_id": bilal_id}
        assert not await bilal.hears_of("user_joined")  # nobody is told of themselves
        await bilal.socket.disconnect()
        assert await asha.expect("user_left") == {"type": "user_left", "user_id": bilal_id}


@transactional
async def test_two_devices_are_online_once_and_leave_with_the_last(scene: Scene) -> None:
    bilal_id = scene.people["bilal"].pk
    async with scene.inside("asha", "bilal") as (asha, _):
        second = scene.knock("bilal")
        await second.socket.connect()
        assert (await second.expect("presence"))["online"].count(bilal_id) == 1
        await second.socket.disconnect()
        assert not await asha.hears_of("user_joined")
        assert not await asha.hears_of("user_left")


@transactional
async def test_nothing_is_left_behind(scene: Scene) -> None:
    async with scene.inside("asha", "bilal"):
        assert await Presence.objects.acount() == 2
    assert await Presence.objects.acount() == 0


@transactional
async def test_a_person_of_another_process_leaves_when_it_has_died(scene: Scene, process: UUID) -> None:
    async with scene.inside("asha") as (asha,):
        live, bilal_id = live_rooms(), scene.people["bilal"].pk
        await Presence.objects.acreate(process_id=process, room_id=scene.room.pk, user_id=bilal_id)
        await live.look_who_is_here()
        assert await asha.expect("user_joined") == {"type": "user_joined", "user_id": bilal_id}
        await SocketProcess.objects.filter(pk=process).aupdate(seen_at=timezone.now() - timedelta(seconds=16))
        await live.look_who_is_here()
        assert await asha.expect("user_left") == {"type": "user_left", "user_id": bilal_id}


@transactional
async def test_who_came_back_by_another_process_never_left(scene: Scene, process: UUID) -> None:
    room_id, bilal_id = scene.room.pk, scene.people["bilal"].pk
    await Presence.objects.acreate(process_id=process, room_id=room_id, user_id=bilal_id)
    async with scene.inside("asha", "bilal") as (asha, _):
        assert not await asha.hears_of("user_joined")
        await SocketProcess.objects.filter(pk=process).aupdate(seen_at=timezone.now() - timedelta(seconds=16))
        await live_rooms().look_who_is_here()
        assert not await asha.hears_of("user_left")


@transactional
async def test_a_process_that_was_thought_dead_writes_its_sockets_again(scene: Scene) -> None:
    async with scene.inside("asha", "bilal"):
        await Presence.objects.all().adelete()
        await SocketProcess.objects.all().adelete()
        await live_rooms().look_who_is_here()
        assert await Presence.objects.acount() == 2
    assert await Presence.objects.acount() == 0


@transactional
async def test_who_leaves_while_the_rows_are_compared_does_not_come_back_by_it(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (_, bilal):
        looking = asyncio.create_task(live_rooms().look_who_is_here())
        await asyncio.sleep(0)  # it knows by now who is here
        await bilal.socket.disconnect()
        await looking
        assert [row.user_id async for row in Presence.objects.all()] == [scene.people["asha"].pk]


@transactional
async def test_a_row_that_belongs_to_no_socket_goes_the_second_time_it_is_seen(scene: Scene) -> None:
    async with scene.inside("asha"):
        own = await Presence.objects.aget()
        stray = await Presence.objects.acreate(
            process_id=own.process_id, room_id=own.room_id, user_id=scene.people["bilal"].pk
        )
        for expected in (True, False):
            await live_rooms().look_who_is_here()
            assert await Presence.objects.filter(pk=stray.pk).aexists() is expected
        assert await Presence.objects.filter(pk=own.pk).aexists()


@pytest.mark.django_db
def test_processes_long_silent_are_forgotten_with_their_sockets(scene: Scene, process: UUID) -> None:
    presence.arrive(process_id=process, room_id=scene.room.pk, user_id=scene.people["bilal"].pk)
    assert presence.forget_silent_processes() == 0
    fell_silent(process, minutes=3)
    assert presence.forget_silent_processes() == 1
    assert not Presence.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("devices", [1, 3])
def test_coming_in_costs_two_statements_however_many_are_here(
    scene: Scene, process: UUID, devices: int, django_assert_num_queries
) -> None:
    for _ in range(devices):
        presence.arrive(process_id=process, room_id=scene.room.pk, user_id=scene.people["asha"].pk)
    with django_assert_num_queries(2):
        arrival = presence.arrive(process_id=process, room_id=scene.room.pk, user_id=scene.people["bilal"].pk)
    assert arrival.is_first


def test_numbers_know_what_passed() -> None:
    numbers = Numbers(3)
    for seq in (4, 7, 6):
        numbers.add(seq)
    assert (numbers.all_to, 6 in numbers, 5 in numbers) == (4, True, False)
    numbers.skip_to(5)
    assert numbers.all_to == 7


async def test_rooms_belong_to_their_loop() -> None:
    assert live_rooms() is live_rooms()
    assert isinstance(live_rooms(), LiveRooms)
