"""Who is in which room now, over all processes: one row a socket, counted as long as its process says that it lives.

The rows are the truth. What is pushed when somebody comes or goes is a hint that makes it quick; each process compares
its rooms with the rows every few seconds and tells its own sockets the difference (``rooms.py``). So a process that was
killed needs nobody to clear up after it: when it has been silent for ``SEEN_WITHIN`` its people have left, everywhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from community.chat.models import Presence, SocketProcess

#: How often a process says that it lives, in seconds, and after which silence it counts for nothing.
RENEWED_EVERY = 5.0
SEEN_WITHIN = timedelta(seconds=15)
#: Its rows are deleted later: it may only have been stopped for a moment.
KEPT_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Arrival:
    """``online``: everybody who is in the room, each once. ``is_first``: this person was not there a moment ago."""

    presence_id: int
    online: list[int]
    is_first: bool


def arrive(*, process_id: UUID, room_id: int, user_id: int) -> Arrival:
    """Write that one socket of this person is open in the room. The process has renewed itself before.

    First the row, then the question who is there: of two devices that come in at once both may be called the first,
    and never neither.
    """
    presence = Presence.objects.create(process_id=process_id, room_id=room_id, user_id=user_id)
    sockets = list(_counted([room_id]).values_list("user_id", flat=True))
    return Arrival(presence.pk, sorted({*sockets, user_id}), sockets.count(user_id) <= 1)


def depart(*, presence_id: int, room_id: int, user_id: int) -> bool:
    """Delete the row of one socket; True where it was the person's last in the room."""
    forget(presence_id=presence_id)
    return not _counted([room_id]).filter(user_id=user_id).exists()


def forget(*, presence_id: int) -> None:
    """Delete the row of one socket, and tell nobody."""
    Presence.objects.filter(pk=presence_id).delete()


def online_in(room_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who is in each of the rooms, in one statement."""
    found: dict[int, set[int]] = {room_id: set() for room_id in room_ids}
    for room_id, user_id in _counted(room_ids).values_list("room_id", "user_id").distinct():
        found[room_id].add(user_id)
    return found


def renew(*, process_id: UUID) -> None:
    """Say that this process lives."""
    now = timezone.now()
    if not SocketProcess.objects.filter(pk=process_id).update(seen_at=now):
        SocketProcess.objects.bulk_create([SocketProcess(pk=process_id, seen_at=now)], ignore_conflicts=True)


def align(
    *, process_id: UUID, open_here: Mapping[int, tuple[int, int]], strays: Collection[int]
) -> tuple[set[int], dict[int, int]]:
    """Put this process's rows right; ``open_here`` gives room and user of each socket by the id of its row.

    Rows of sockets that are not open are strays: coming in or going this very moment, or left over from an error. Those
    that were strays the last time are deleted. Rows that are gone, because others thought this process dead, are
    written again. Returns the strays of now, and the new id for each row that was lost.
    """
    rows = set(Presence.objects.filter(process=process_id).values_list("pk", flat=True))
    found = rows - open_here.keys()
    if left_over := found.intersection(strays):
        Presence.objects.filter(pk__in=left_over).delete()
    lost = sorted(open_here.keys() - rows)
    again = [Presence(process_id=process_id, room_id=open_here[old][0], user_id=open_here[old][1]) for old in lost]
    written = Presence.objects.bulk_create(again)
    return found.difference(strays), {old: row.pk for old, row in zip(lost, written, strict=True)}


def forget_silent_processes() -> int:
    """Delete processes that have long been silent, with their sockets; returns how many. Any process may do it."""
    before = timezone.now() - KEPT_FOR
    if not SocketProcess.objects.filter(seen_at__lt=before).exists():
        return 0
    with transaction.atomic():
        # Silence is asked in each statement: one that speaks up in between keeps its row, and writes its sockets again.
        Presence.objects.filter(process__seen_at__lt=before).delete()
        return SocketProcess.objects.filter(seen_at__lt=before, presences=None).delete()[0]


def _counted(room_ids: Collection[int]) -> QuerySet[Presence]:
    return Presence.objects.filter(room_id__in=room_ids, process__seen_at__gt=timezone.now() - SEEN_WITHIN)
