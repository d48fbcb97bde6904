"""Facts that community announces after the commit, to itself: rows and sweeps find what was not heard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostPublished:
    """A post stands before its readers: just written, or approved."""

    post_id: int


@dataclass(frozen=True, slots=True)
class RoomSpokeIn:
    """Something was said in a room whose readers had been told of everything before."""

    room_id: int


@dataclass(frozen=True, slots=True)
class MailAwaited:
    """Somebody who wants mail at once has something to be mailed."""

    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PushesQueued:
    """These pushes are to be brought to their devices."""

    delivery_ids: tuple[int, ...]
