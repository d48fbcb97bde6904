"""The notifications socket, on a running platform: what was told comes, and can be marked as read."""

import asyncio
from typing import Any

import httpx

from tests.flows.platform import running_platform
from tests.realtime.client import connect, sign_in


def api(platform: Any, token: str) -> httpx.Client:
    return httpx.Client(base_url=platform.address, headers={"Authorization": f"Bearer {token}"}, timeout=20)


async def test_what_one_is_told_arrives_on_each_device_and_is_marked_as_read() -> None:
    with running_platform() as platform:
        token = sign_in(platform.address, "chitra@demo.school")
        other = sign_in(platform.address, "bilal@demo.school")
        with api(platform, token) as client:
            async with (
                connect(platform.address, "/ws/notifications/", token) as phone,
                connect(platform.address, "/ws/notifications/", token) as tablet,
                connect(platform.address, "/ws/notifications/", other) as bilals,
            ):
                courses = await asyncio.to_thread(client.get, "/api/courses/courses/?search=alphabet")
                course = courses.json()["results"][0]["id"]
                await asyncio.to_thread(client.post, f"/api/courses/courses/{course}/enroll/")
                frame = await phone.expect("notification", within=20)
                assert (frame["notification_type"], frame["unread_count"]) == ("enrollment", 1)
                assert await tablet.expect("notification") == frame
                assert await bilals.hears_nothing()

                await bilals.send({"type": "mark_as_read", "notification_id": frame["notification_id"]})
                assert (await bilals.expect("error"))["code"] == "not_found"
                await phone.send({"type": "mark_as_read", "notification_id": frame["notification_id"]})
                await phone.send({"type": "mark_as_read", "notification_id": -1})
                assert (await phone.expect("error"))["code"] == "invalid_frame"
                await phone.send({"type": "ping"})
                await phone.expect("pong")
                counted = await asyncio.to_thread(client.get, "/api/community/notifications/unread-count/")
                assert counted.json() == {"unread_count": 0}
