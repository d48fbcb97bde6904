"""ws/progress/: what learners send, and who sees how far they have come."""

from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import CustomUser
from courses.models import Progress
from e_learning.core.sockets import in_thread
from tests.core.realtime.rooms import socket_to
from tests.factories.courses import enroll, make_course
from tests.factories.people import token_for

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Scene:
    """Asha's course of two contents, in which Bilal is enrolled, and tokens for everybody."""

    path: str
    contents: list[int]
    tokens: dict[str, str]
    bilal_id: int

    def update(self, **fields: Any) -> dict[str, Any]:
        values = {"content_id": self.contents[0], "last_position": 1, "time_spent": 5, "is_completed": True}
        return {"type": "progress_update", **values, **fields}


@pytest.fixture
def scene(asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser) -> Scene:
    course = make_course(asha, contents=2)
    enroll(bilal, course)
    people = {"asha": asha, "bilal": bilal, "chitra": chitra, "admin": admin}
    contents = list(course.modules.get().contents.values_list("pk", flat=True))
    tokens = {name: token_for(user) for name, user in people.items()}
    return Scene(f"/ws/progress/{course.pk}/", contents, tokens, bilal.pk)


async def test_bilals_progress_shows_on_his_devices_and_at_ashas(scene: Scene) -> None:
    sockets = [socket_to(scene.path, scene.tokens[name]) for name in ("bilal", "bilal", "asha", "admin")]
    for socket in sockets:
        assert (await socket.connect())[0]

    await sockets[0].send_json_to(scene.update())

    for socket in sockets:
        assert await socket.receive_json_from() == {
            "type": "user_progress",
            "user_id": scene.bilal_id,
            "content_id": scene.contents[0],
            "progress_percent": 50.0,
        }
    assert await in_thread(Progress.objects.filter(content=scene.contents[0], time_spent=5).exists)
    for socket in sockets:
        await socket.disconnect()
