"""A phone that was offline for a day, a tablet beside it, and the web, which must agree to the second."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from courses.learning.completion import percent_of
from courses.learning.folding import ProgressUpdate
from courses.models import Content, Enrollment
from tests.courses.learning.plain_fold import End, end_by_hand
from tests.flows.platform import Platform
from tests.flows.schema_client import SchemaClient

MORNING = datetime(2026, 5, 4, 0, 30, tzinfo=UTC)
KINDS = [("video", 90), ("text", None), ("video", 240), ("interactive", None), ("video", None)]
School = dict[Enrollment, list[Content]]


@pytest.mark.timeout(240)
def test_a_day_offline_sent_twice_in_any_order_and_the_web_agree_to_the_second(platform: Platform) -> None:
    phone = SchemaClient(platform.address)
    account = {"email": "traveller@demo.school", "password": "quite-a-long-word-7"}
    phone.sign_in(phone.call("accounts_register", body=account, expect=201)["access_token"])
    tablet, web = (_signed_in(platform, account) for _device in range(2))
    school = _three_courses(platform, learner=phone)
    script = random.Random("a day offline")
    noted = [_update(script, school) for _number in range(300)]
    own = [_update(script, school) for _number in range(40)]
    with ThreadPoolExecutor(3) as pool:
        for done in (
            pool.submit(_send_twice_shuffled, phone, noted),
            pool.submit(_send_live, tablet, own),
            pool.submit(_look_around, web, school),
        ):
            done.result()
    expected = end_by_hand(school, [*noted, *own])
    for device in (phone, tablet, web):
        _agrees(device, school, expected)
    again = _send(phone, noted)
    assert {result["status"] for result in again["results"]} == {"stale"}
    _agrees(web, school, expected)
    finished = [latest for _done, _at, latest in expected.enrollments.values() if latest]
    assert 0 < len(finished) < len(school), "the script should finish some course and leave some open"


def _signed_in(platform: Platform, account: dict[str, str]) -> SchemaClient:
    device = SchemaClient(platform.address)
    device.sign_in(device.call("accounts_login", body=account)["access_token"])
    return device


def _three_courses(platform: Platform, *, learner: SchemaClient) -> School:
    password = platform.manage("seed_demo").split("Demo password: ")[1].split()[0]
    asha = _signed_in(platform, {"email": "asha@demo.school", "password": password})
    school: School = {}
    for number in range(1, 4):
        course_id = asha.call("courses_create", body={"title": f"On the road {number}"}, expect=201)["id"]
        module_id = asha.call("modules_create", body={"course_id": course_id, "title": "Week 1"}, expect=201)["id"]
        contents = [_content(asha, module_id, kind, seconds) for kind, seconds in KINDS]
        asha.call("courses_update", id=course_id, body={"is_published": True})
        enrolled = learner.call("courses_enroll", id=course_id, expect=201)
        since = datetime.fromisoformat(enrolled["enrollment_date"])
        school[Enrollment(pk=enrolled["id"], course_id=course_id, enrollment_date=since)] = contents
    return school


def _content(owner: SchemaClient, module_id: int, kind: str, seconds: int | None) -> Content:
    body = {"module_id": module_id, "title": f"A {kind}", "content_type": kind, "video_duration": seconds}
    made = owner.call("contents_create", body=body, expect=201)
    return Content(pk=made["id"], content_type=kind, video_duration=seconds)


def _update(script: random.Random, school: School) -> ProgressUpdate:
    """Return one note of the script; of the third course only the first contents are ever completed."""
    place = script.randrange(len(school))
    contents = list(school.values())[place]
    content = script.choice(contents)
    length, start = content.video_duration or 120, script.randrange(0, 240, 10)
    return ProgressUpdate(
        content.pk,
        script.randrange(length),
        script.randrange(2000),
        MORNING + timedelta(seconds=script.randrange(86_400)),
        [(start, start + 30)] if content.content_type == "video" and script.random() < 0.8 else None,
        is_completed=script.random() < 0.3 and (place < 2 or content in contents[:2]),
    )


def _as_sent(update: ProgressUpdate) -> dict[str, Any]:
    body = {
        "content_id": update.content_id,
        "last_position": update.last_position,
        "time_spent": update.time_spent,
        "is_completed": update.is_completed,
        "client_time": update.at.isoformat(),
    }
    return body if update.watched is None else body | {"watched": update.watched}


def _send(device: SchemaClient, updates: list[ProgressUpdate]) -> Any:
    return device.call("progress_sync", body={"updates": [_as_sent(update) for update in updates]})


def _send_twice_shuffled(device: SchemaClient, updates: list[ProgressUpdate]) -> None:
    script = random.Random("shuffled")
    for _time in range(2):
        order = script.sample(updates, len(updates))
        for part in (order[:120], order[120:]):
            answer = _send(device, part)
            assert [result["content_id"] for result in answer["results"]] == [update.content_id for update in part]
            assert {result["status"] for result in answer["results"]} <= {"applied", "stale"}
            assert len(answer["courses"]) == 3


def _send_live(device: SchemaClient, updates: list[ProgressUpdate]) -> None:
    for update in updates[:20]:
        device.call("progress_update", body=_as_sent(update))
    _send(device, updates[20:])


def _look_around(device: SchemaClient, school: School) -> None:
    """Percent and counts only grow while devices send."""
    before = {enrollment.course_id: 0.0 for enrollment in school}
    for _turn in range(5):
        for course_id, percent in before.items():
            now = device.call("courses_progress", id=course_id)["progress_percent"]
            assert now >= percent
            before[course_id] = now


def _agrees(device: SchemaClient, school: School, expected: End) -> None:
    listed = {row["id"]: row for row in device.call("enrollments_list")["results"]}
    for enrollment, contents in school.items():
        done, _latest, completed_at = expected.enrollments[enrollment.pk]
        page, row = device.call("courses_progress", id=enrollment.course_id), listed[enrollment.pk]
        assert [tuple(content.values()) for content in page["contents"]] == [
            (content.pk, *_standing(expected.progress.get(content.pk))) for content in contents
        ]
        assert page["progress_percent"] == row["progress_percent"] == percent_of(done, len(contents))
        assert (page["completed_contents"], page["total_contents"]) == (done, len(contents))
        assert _time(page["completed_at"]) == _time(row["completed_at"]) == completed_at
        touched = [(expected.progress[c.pk][2], c.pk) for c in contents if c.pk in expected.progress]
        assert row["last_content_id"] == max(touched)[1]


def _standing(row: Any) -> tuple[bool, int, int]:
    return (row[4], row[1], row[0]) if row else (False, 0, 0)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
