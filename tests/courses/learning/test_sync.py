"""The sync of a device that was offline, over the API: what counts, what is refused, what it costs."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course, Enrollment, Progress, ProgressSlot
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db
URL = "/api/courses/progress/sync/"
MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


def noted(content_id: int, *, minute: int = 0, **values: Any) -> dict[str, Any]:
    at = MORNING + timedelta(minutes=minute)
    return {"content_id": content_id, "last_position": 0, "time_spent": 0, "client_time": at.isoformat()} | values


def send(client: APIClient, *updates: Any) -> Any:
    return client.post(URL, {"updates": list(updates)})


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [result["status"] for result in answer.json()["results"]]


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, contents=4)


@pytest.fixture
def phone(client_for: ClientFor, bilal: CustomUser, course: Course) -> APIClient:
    enroll(bilal, course, enrollment_date=MORNING - timedelta(days=30))
    return client_for(bilal)


def film_of(course: Course, seconds: int | None = 100) -> int:
    return make_content(course.modules.get(), title="A film", content_type="video", video_duration=seconds, order=99).pk


def test_each_update_is_answered_in_the_order_sent_and_each_course_once(
    phone: APIClient, asha: CustomUser, bilal: CustomUser, course: Course
) -> None:
    other = make_course(asha, title="Numbers in Signs", contents=2)
    enroll(bilal, other)
    first, second, *_rest = contents_of(course)
    there = contents_of(other)[0]
    answer = send(
        phone,
        noted(second.pk, is_completed=True),
        noted(there.pk, is_completed=True),
        noted(first.pk, time_spent=20),
    )
    assert answer.json() == {
        "results": [{"content_id": content.pk, "status": "applied"} for content in (second, there, first)],
        "courses": [
            {"course_id": course.pk, "progress_percent": 25.0},
            {"course_id": other.pk, "progress_percent": 50.0},
        ],
    }


def test_sent_again_everything_is_stale_and_nothing_changes(phone: APIClient, course: Course) -> None:
    film = film_of(course)
    updates = [noted(film, minute=m, time_spent=60 * m, last_position=m, watched=[[m, m + 9]]) for m in (9, 3, 40)]
    assert statuses(send(phone, *updates)) == ["applied"] * 3
    rows = list(Progress.objects.values()), list(ProgressSlot.objects.values()), list(Enrollment.objects.values())
    assert statuses(send(phone, *updates)) == ["stale"] * 3
    assert rows == (
        list(Progress.objects.values()),
        list(ProgressSlot.objects.values()),
        list(Enrollment.objects.values()),
    )


def test_what_is_known_better_is_stale_and_still_counts_for_its_quarter_of_an_hour(
    phone: APIClient, course: Course
) -> None:
    content = contents_of(course)[0].pk
    late, early = noted(content, minute=50, time_spent=90, last_position=7), noted(content, minute=5, time_spent=30)
    assert statuses(send(phone, late, early)) == ["applied", "stale"]
    assert list(ProgressSlot.objects.values_list("starts_at", "time_spent")) == [
        (MORNING, 30),
        (MORNING + timedelta(minutes=45), 90),
    ]


def test_a_live_update_and_a_sync_meet_in_the_same_row(phone: APIClient, course: Course) -> None:
    film = film_of(course)
    live = {"content_id": film, "last_position": 45, "time_spent": 45, "watched": [[0, 45]]}
    assert phone.post("/api/courses/progress/update/", live).json()["is_completed"] is False
    assert statuses(send(phone, noted(film, last_position=90, time_spent=20, watched=[[40, 90]]))) == ["applied"]
    row = Progress.objects.get()
    assert (row.watched, row.time_spent, row.last_position, row.is_completed) == ([[0, 90]], 45, 45, True)


def test_the_wrong_ones_are_rejected_each_by_itself(
    phone: APIClient, client_for: ClientFor, asha: CustomUser, course: Course
) -> None:
    paid, draft = make_course(asha, price_paise=100), make_course(asha, published=False)
    good = contents_of(course)[0].pk
    without_time = noted(good)
    del without_time["client_time"]
    answer = send(
        phone,
        noted(good, time_spent=-1),
        without_time,
        "nonsense",
        None,
        noted("x"),  # type: ignore[arg-type]  # what is wrong with it
        noted(2**62),
        noted(10**30),
        noted(contents_of(paid)[0].pk),
        noted(contents_of(draft)[0].pk),
        noted(good, is_completed=True),
    )
    assert [(result["content_id"], result["status"], result.get("code")) for result in answer.json()["results"]] == [
        (good, "rejected", "invalid"),
        (good, "rejected", "invalid"),
        (None, "rejected", "invalid"),
        (None, "rejected", "invalid"),
        (None, "rejected", "invalid"),
        (2**62, "rejected", "not_found"),
        (None, "rejected", "invalid"),
        (contents_of(paid)[0].pk, "rejected", "enrollment_required"),
        (contents_of(draft)[0].pk, "rejected", "not_found"),
        (good, "applied", None),
    ]
    assert answer.json()["courses"] == [{"course_id": course.pk, "progress_percent": 25.0}]
    assert Progress.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_time": "yesterday"},
        {"client_time": 5},
        {"client_time": None},
        {"client_time": "0001-01-01T00:00:00+14:00"},
        {"watched": None},
        {"watched": [[1]]},
        {"watched": [[1, 2, 3]]},
        {"watched": [["a", 2]]},
        {"watched": [[-1, 2]]},
        {"watched": [[0, 1e300]]},
        {"watched": [[0, 1]] * 1001},
        {"is_completed": None},
        {"is_completed": "perhaps"},
        {"last_position": 1.5},
        {"last_position": 10**40},
        {"time_spent": True},
        {"time_spent": {}},
    ],
)
def test_what_progress_update_would_refuse_is_rejected(phone: APIClient, course: Course, wrong: dict[str, Any]) -> None:
    content = contents_of(course)[0].pk
    answer = send(phone, noted(content) | wrong)
    assert answer.json()["results"] == [{"content_id": content, "status": "rejected", "code": "invalid"}]
    assert answer.json()["courses"] == []


@pytest.mark.parametrize(
    "body", [{}, [], {"updates": []}, {"updates": {}}, {"updates": "x"}, {"updates": [{}] * 501}, "x", None]
)
def test_only_a_body_that_is_no_batch_is_400(phone: APIClient, body: Any) -> None:
    answer = phone.post(URL, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "updates"


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"updates": ["\\u0000"]}', b"[" * 5000])
def test_a_broken_body_is_400(phone: APIClient, body: bytes) -> None:
    assert phone.post(URL, body, content_type="application/json").status_code == 400


def test_500_updates_with_what_was_watched_fit_and_too_many_intervals_are_413(phone: APIClient, course: Course) -> None:
    film = film_of(course, seconds=20_000)
    updates = [
        noted(film, minute=n, watched=[[40 * n + k, 40 * n + k + 1] for k in range(0, 40, 2)]) for n in range(500)
    ]
    assert statuses(send(phone, *updates)) == ["applied"] * 500
    assert len(Progress.objects.get().watched) == 10_000
    too_many = [noted(film, watched=[[k, k + 1] for k in range(0, 240, 2)])] * 500
    answer = send(phone, *too_many)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_large")


def test_a_client_time_in_the_future_counts_as_now(phone: APIClient, course: Course) -> None:
    content = contents_of(course)[0].pk
    ahead = (timezone.now() + timedelta(days=300)).isoformat()
    assert statuses(send(phone, noted(content, last_position=80) | {"client_time": ahead})) == ["applied"]
    assert Progress.objects.get().position_at <= timezone.now()


def test_a_jump_to_the_end_does_not_complete_and_two_devices_unite(phone: APIClient, course: Course) -> None:
    film = film_of(course)
    send(phone, noted(film, minute=1, last_position=99, time_spent=99, watched=[[97, 99]]))
    send(phone, noted(film, minute=20, watched=[[0, 60]]))
    assert not Progress.objects.get().is_completed
    send(phone, noted(film, minute=35, watched=[[55, 97]]), noted(film, minute=50, watched=[[0, 100]]))
    row = Progress.objects.get()
    assert (row.is_completed, row.completed_at) == (True, MORNING + timedelta(minutes=30))


def test_a_plain_client_completes_a_video_by_one_update_that_shows_it_alone(phone: APIClient, course: Course) -> None:
    film = film_of(course)
    send(phone, noted(film, minute=1, last_position=99, time_spent=5), noted(film, minute=2, time_spent=80))
    assert not Progress.objects.get().is_completed
    send(phone, noted(film, minute=3, last_position=91, time_spent=45))
    assert Progress.objects.get().completed_at == MORNING + timedelta(minutes=3)


def test_a_late_update_moves_a_completion_earlier_and_never_later(phone: APIClient, course: Course) -> None:
    contents = [content.pk for content in contents_of(course)]
    send(phone, *[noted(content, minute=10 + n, is_completed=True) for n, content in enumerate(contents)])
    enrollment = Enrollment.objects.get()
    assert enrollment.completed_at == MORNING + timedelta(minutes=13)
    send(phone, noted(contents[3], minute=50, is_completed=True), noted(contents[3], minute=2, is_completed=True))
    enrollment.refresh_from_db()
    assert Progress.objects.get(content=contents[3]).completed_at == MORNING + timedelta(minutes=2)
    assert (enrollment.completed_at, enrollment.completed_count) == (MORNING + timedelta(minutes=12), 4)
    live = {"content_id": contents[2], "last_position": 0, "time_spent": 0, "is_completed": True}
    phone.post("/api/courses/progress/update/", live | {"client_time": (MORNING + timedelta(minutes=1)).isoformat()})
    enrollment.refresh_from_db()
    assert (enrollment.completed_at, enrollment.completed_count) == (MORNING + timedelta(minutes=11), 4)


def test_a_video_watched_in_the_quarter_of_enrolling_was_not_completed_before(phone: APIClient, course: Course) -> None:
    film = film_of(course)
    Enrollment.objects.update(enrollment_date=MORNING + timedelta(minutes=4))
    send(phone, noted(film, minute=6, watched=[[0, 100]]))
    assert Progress.objects.get().completed_at == MORNING + timedelta(minutes=4)


def test_an_expired_enrolment_keeps_nothing(phone: APIClient, course: Course) -> None:
    Enrollment.objects.update(expiry_date=timezone.now() - timedelta(seconds=1))
    answer = send(phone, noted(contents_of(course)[0].pk))
    assert answer.json()["results"][0]["code"] == "enrollment_required"
    assert not Progress.objects.exists()


def test_a_retry_with_the_same_key_gets_the_first_answer(phone: APIClient, course: Course) -> None:
    body = {"updates": [noted(contents_of(course)[0].pk, is_completed=True)]}
    first, again = (phone.post(URL, body, headers={"Idempotency-Key": "a day offline"}) for _time in range(2))
    assert first.json() == again.json()
    assert statuses(again) == ["applied"]


def day_of(contents: list[int], films: set[int], updates: int) -> list[dict[str, Any]]:
    """Return ``updates`` that complete all of the contents, each touched again and again."""
    seen: dict[str, Any] = {"watched": [[0, 50], [50, 100]]}
    return [
        noted(
            content, minute=n, time_spent=n, last_position=n, **(seen if content in films else {"is_completed": True})
        )
        for n, content in zip(range(updates), itertools.cycle(contents), strict=False)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("courses", "keyed"), [(1, False), (3, False), (12, False), (12, True)])
def test_500_updates_take_at_most_20_statements(
    courses: int,
    keyed: bool,
    asha: CustomUser,
    bilal: CustomUser,
    client_for: ClientFor,
    on_postgresql: bool,
    tasks_wait: None,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    contents, films = [], set()
    for number in range(courses):
        course = make_course(asha, title=f"Course {number}", contents=5)
        films.add(film_of(course))
        enroll(bilal, course)
        contents += [content.pk for content in contents_of(course)]
    client, updates = client_for(bilal), day_of(contents, films, 500)
    headers = {"Idempotency-Key": "a day offline"} if keyed else {}
    # SQLite takes 999 values a statement; there the rows go in several.
    with django_assert_max_num_queries((20 if keyed else 15) if on_postgresql else 45):
        answer = client.post(URL, {"updates": updates}, headers=headers)
    assert {course["progress_percent"] for course in answer.json()["courses"]} == {100.0}
    assert Enrollment.objects.filter(completed_at__isnull=False).count() == courses
