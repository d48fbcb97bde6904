"""Asha's course has a community: she teaches there, Bilal learns, Chitra is nowhere."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from accounts.models import CustomUser
from community.chat.models import ChatRoom
from community.groups.models import CommunityGroup
from e_learning.core import realtime
from e_learning.core.realtime import Push
from tests.community.chat.talkers import Scene
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import token_for

#: Runs a call to its commit; returns what was pushed.
Heard = Callable[[Callable[[], Any]], list[Push]]


@pytest.fixture(autouse=True)
def readers_are_told_by_a_worker(tasks_wait: None) -> None:
    """What the worker does about what was said is no part of saying it."""


@pytest.fixture
def community(asha: CustomUser, bilal: CustomUser) -> CommunityGroup:
    made = make_community(make_course(asha))
    join(bilal, made)
    return made


@pytest.fixture
def room(community: CommunityGroup) -> ChatRoom:
    return ChatRoom.objects.get(community=community)


@pytest.fixture
def patient(settings: Any) -> None:
    """For tests that say more than people do."""
    settings.LIMITS = settings.LIMITS | {"chat": "100000/10"}


class _Ear:
    """Stands where the hub of a process with sockets stands."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []

    def take_from_anywhere(self, pushes: Sequence[Push]) -> bool:
        self.pushes += pushes
        return True


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Heard:
    def run(call: Callable[[], Any]) -> list[Push]:
        ear = _Ear()
        monkeypatch.setattr(realtime, "_hub", ear)
        with django_capture_on_commit_callbacks(execute=True):
            call()
        return ear.pushes

    return run


@pytest.fixture
def scene(room: ChatRoom, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser) -> Scene:
    people = {"asha": asha, "bilal": bilal, "chitra": chitra, "admin": admin}
    tokens = {name: token_for(user) for name, user in people.items()}
    assert room.community is not None
    return Scene(room.community, room, people, tokens)
