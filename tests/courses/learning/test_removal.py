"""A content that is removed leaves the counts of those who had completed it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from courses.catalogue.services import create_content, delete_content, delete_module, update_content
from courses.events import CourseCompleted
from courses.learning.services import complete_content
from courses.models import Content, Course, Enrollment, Module, Progress, ProgressSlot
from e_learning.core.events import listens_to
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db
told: list[Any] = []
listens_to(CourseCompleted)(told.append)


def test_removing_a_completed_content_lowers_the_count(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course = make_course(asha, contents=4)
    enrollment = enroll(bilal, course)
    first, second, *_rest = contents_of(course)
    for content in (first, second):
        complete_content(enrollment_id=enrollment.pk, content_id=content.pk, at=timezone.now())
    assert client_for(asha).delete(f"/api/courses/contents/{first.pk}/").status_code == 204
    page = client_for(bilal).get(f"/api/courses/courses/{course.pk}/progress/").json()
    assert (page["completed_contents"], page["total_contents"], page["progress_percent"]) == (1, 3, 33.3)


def test_a_module_goes_with_all_its_contents_for_the_price_of_one(asha: CustomUser, bilal: CustomUser) -> None:
    counted = []
    for contents in (1, 3):
        course = make_course(asha, contents=contents)
        enrollment = enroll(bilal, course)
        kept = make_content(Module.objects.create(course=course, title="Next", order=2), title="Kept")
        for content in contents_of(course):
            complete_content(enrollment_id=enrollment.pk, content_id=content.pk, at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            delete_module(editor=asha, module_id=course.modules.order_by("order")[0].pk)
        counted.append(len(queries))
        enrollment.refresh_from_db()
        assert (enrollment.completed_count, Course.objects.get(pk=course.pk).content_count) == (1, 1)
        assert Progress.objects.get(enrollment=enrollment).content_id == kept.pk
    assert counted[0] == counted[1]


@pytest.mark.django_db(transaction=True)
def test_removing_what_was_left_open_completes_the_course_once(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    told.clear()
    course = make_course(asha, contents=4)
    done, behind = enroll(bilal, course), enroll(chitra, course)
    first, second, *rest = contents_of(course)
    times = [timezone.now() - timedelta(days=days) for days in (2, 5)]
    for content, at in zip((first, second), times, strict=True):
        complete_content(enrollment_id=done.pk, content_id=content.pk, at=at)
    complete_content(enrollment_id=behind.pk, content_id=first.pk, at=times[0])
    for content in rest:
        delete_content(editor=asha, content_id=content.pk)
    done.refresh_from_db()
    behind.refresh_from_db()
    assert (done.completed_at, behind.completed_at) == (times[0], None)
    assert told == [
        CourseCompleted(user_id=bilal.pk, course_id=course.pk, enrollment_id=done.pk, at=times[0]),
    ]
    delete_content(editor=asha, content_id=second.pk)
    delete_content(editor=asha, content_id=first.pk)
    assert [event.enrollment_id for event in told] == [done.pk, behind.pk]
    done.refresh_from_db()
    assert (done.completed_at, done.completed_count) == (times[0], 0)


def test_removing_everything_completes_nothing(asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha, contents=2)
    enrollment = enroll(bilal, course)
    complete_content(enrollment_id=enrollment.pk, content_id=contents_of(course)[0].pk, at=timezone.now())
    delete_module(editor=asha, module_id=course.modules.get().pk)
    enrollment.refresh_from_db()
    assert (enrollment.completed_count, enrollment.completed_at) == (0, None)


def test_a_course_that_shrank_unnoticed_completes_with_the_next_update(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course = make_course(asha, contents=2)
    enrollment, content = enroll(bilal, course), contents_of(course)[0]
    at = timezone.now() - timedelta(hours=1)
    complete_content(enrollment_id=enrollment.pk, content_id=content.pk, at=at)
    # As if the last completion and the removal had passed each other.
    Course.objects.filter(pk=course.pk).update(content_count=1)
    beat = {"content_id": content.pk, "last_position": 0, "time_spent": 1}
    assert client_for(bilal).post("/api/courses/progress/update/", beat).json()["progress_percent"] == 100.0
    enrollment.refresh_from_db()
    assert enrollment.completed_at == at


def test_what_is_complete_stays_so_when_the_course_is_edited(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course = make_course(asha, contents=0)
    film = make_content(course.modules.get(), content_type="video", video_duration=100)
    enrollment, learner = enroll(bilal, course), client_for(bilal)
    body = {"content_id": film.pk, "last_position": 95, "time_spent": 95, "watched": [[0, 95]]}
    assert learner.post("/api/courses/progress/update/", body).json()["progress_percent"] == 100.0
    enrollment.refresh_from_db()
    before = Progress.objects.get().completed_at, enrollment.completed_at
    update_content(editor=asha, content_id=film.pk, values={"video_duration": 1000})
    create_content(
        editor=asha, module_id=film.module_id, values={"title": "More", "content_type": "text", "text_content": ""}
    )
    answer = learner.post("/api/courses/progress/update/", body | {"time_spent": 120}).json()
    assert (answer["is_completed"], answer["completed_contents"], answer["progress_percent"]) == (True, 1, 50.0)
    enrollment.refresh_from_db()
    assert (Progress.objects.get().completed_at, enrollment.completed_at) == before


def at_once(*calls: Callable[[], Any]) -> list[int]:
    def answer(call: Callable[[], Any]) -> int:
        try:
            return int(call().status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(answer, calls))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(6))
def test_completions_racing_a_removal_leave_the_count_right(
    turn: int, asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course = make_course(asha, contents=2)
    enrollment, doomed = enroll(bilal, course), contents_of(course)[0].pk
    learner, owner = client_for(bilal), client_for(asha)
    body = {"content_id": doomed, "last_position": 0, "time_spent": 1, "is_completed": True}

    def complete() -> Any:
        return learner.post("/api/courses/progress/update/", body)

    def sync() -> Any:
        noted = body | {"client_time": timezone.now().isoformat()}
        return learner.post("/api/courses/progress/sync/", {"updates": [noted]})

    statuses = at_once(complete, lambda: owner.delete(f"/api/courses/contents/{doomed}/"), sync, complete, sync)
    assert set(statuses) <= {200, 404, 409, 204}
    assert 204 in statuses
    assert not Content.objects.filter(pk=doomed).exists()
    assert Enrollment.objects.get(pk=enrollment.pk).completed_count == 0
    assert not Progress.objects.filter(content_id=doomed).exists()
    assert not ProgressSlot.objects.filter(content_id=doomed).exists()
