"""Progress over the API: what counts, what a retry changes (nothing), and who is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session
from courses.events import ContentCompleted, CourseCompleted
from courses.models import Course, Enrollment, Progress
from e_learning.core.events import listens_to
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import token_for

pytestmark = pytest.mark.django_db
URL = "/api/courses/progress/update/"
told: list[Any] = []
listens_to(ContentCompleted)(told.append)
listens_to(CourseCompleted)(told.append)


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    told.clear()


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, contents=33)


@pytest.fixture
def phone(client_for: ClientFor, bilal: CustomUser, course: Course) -> APIClient:
    enroll(bilal, course)
    return client_for(bilal)


def send(client: APIClient, content_id: int, **values: Any) -> Any:
    return client.post(URL, {"content_id": content_id, "last_position": 0, "time_spent": 0} | values)


def video(course: Course, seconds: int | None = 100) -> int:
    module = course.modules.get()
    return make_content(module, title="A film", content_type="video", video_duration=seconds, order=99).pk


def test_fifteen_of_thirty_three_is_45_5(phone: APIClient, course: Course) -> None:
    for content in contents_of(course)[:15]:
        answer = send(phone, content.pk, is_completed=True, time_spent=30)
    assert answer.status_code == 200
    assert answer.json() == {
        "content_id": content.pk,
        "course_id": course.pk,
        "is_completed": True,
        "last_position": 0,
        "time_spent": 30,
        "completed_contents": 15,
        "total_contents": 33,
        "progress_percent": 45.5,
    }


def test_a_retry_counts_once(phone: APIClient, course: Course) -> None:
    content = contents_of(course)[0]
    first = send(phone, content.pk, time_spent=40, last_position=12)
    again = send(phone, content.pk, time_spent=40, last_position=12)
    assert first.json() == again.json()
    assert Progress.objects.get().time_spent == 40


def test_the_greatest_time_spent_wins(phone: APIClient, course: Course) -> None:
    content = contents_of(course)[0]
    send(phone, content.pk, time_spent=40)
    assert send(phone, content.pk, time_spent=10).json()["time_spent"] == 40


def test_the_position_follows_the_latest_client_time(phone: APIClient, course: Course) -> None:
    content, now = contents_of(course)[0], timezone.now()
    send(phone, content.pk, last_position=80, client_time=(now - timedelta(hours=1)).isoformat())
    late = send(phone, content.pk, last_position=20, client_time=(now - timedelta(hours=2)).isoformat())
    assert late.json()["last_position"] == 80


def test_a_client_time_in_the_future_counts_as_now(phone: APIClient, course: Course) -> None:
    content = contents_of(course)[0]
    send(phone, content.pk, last_position=80, client_time=(timezone.now() + timedelta(days=300)).isoformat())
    assert send(phone, content.pk, last_position=20).json()["last_position"] == 20


def test_a_jump_to_the_end_of_a_video_does_not_complete_it(phone: APIClient, course: Course) -> None:
    film = video(course)
    answer = send(phone, film, last_position=99, time_spent=5)
    assert answer.json()["is_completed"] is False
    assert send(phone, film, last_position=99, time_spent=45).json()["is_completed"] is True


def test_two_devices_watched_intervals_unite(phone: APIClient, course: Course) -> None:
    film = video(course)
    assert send(phone, film, last_position=50, watched=[[0, 50]]).json()["is_completed"] is False
    answer = send(phone, film, last_position=100, watched=[[45, 70], [60, 90]])
    assert answer.json()["is_completed"] is True
    assert Progress.objects.get().watched == [[0, 90]]


def test_a_known_video_is_not_completed_by_the_clients_word(phone: APIClient, course: Course) -> None:
    assert send(phone, video(course), is_completed=True).json()["is_completed"] is False
    assert send(phone, video(course, seconds=None), is_completed=True).json()["is_completed"] is True


def test_a_quiz_is_not_completed_by_the_clients_word(phone: APIClient, course: Course) -> None:
    quiz = make_content(course.modules.get(), content_type="quiz", title="Quiz")
    assert send(phone, quiz.pk, is_completed=True).json()["is_completed"] is False


def test_completion_is_never_undone(phone: APIClient, course: Course) -> None:
    content = contents_of(course)[0]
    send(phone, content.pk, is_completed=True)
    assert send(phone, content.pk, is_completed=False).json()["is_completed"] is True


@pytest.mark.django_db(transaction=True)
def test_a_course_completes_once_and_is_announced_once(phone: APIClient, course: Course) -> None:
    contents = contents_of(course)
    for content in contents:
        answer = send(phone, content.pk, is_completed=True)
    assert answer.json()["progress_percent"] == 100.0
    first = Enrollment.objects.get().completed_at
    send(phone, contents[-1].pk, is_completed=True)
    make_content(course.modules.get(), title="One more")
    assert send(phone, contents[0].pk, is_completed=True).json()["progress_percent"] == 97.1
    assert Enrollment.objects.get().completed_at == first is not None
    assert [type(event) for event in told].count(CourseCompleted) == 1
    assert [type(event) for event in told].count(ContentCompleted) == len(contents)


def test_a_stranger_is_refused(client_for: ClientFor, chitra: CustomUser, course: Course) -> None:
    answer = send(client_for(chitra), contents_of(course)[0].pk)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "enrollment_required"
    assert not Progress.objects.exists()


def test_a_draft_looks_absent_to_a_stranger(client_for: ClientFor, chitra: CustomUser, asha: CustomUser) -> None:
    draft = make_course(asha, title="Draft", published=False)
    assert send(client_for(chitra), contents_of(draft)[0].pk).status_code == 404
    assert send(client_for(chitra), 2**62).status_code == 404


def test_an_expired_enrolment_records_nothing(client_for: ClientFor, bilal: CustomUser, course: Course) -> None:
    enroll(bilal, course, expiry_date=timezone.now() - timedelta(seconds=1))
    assert send(client_for(bilal), contents_of(course)[0].pk).status_code == 403


def test_no_token_a_bad_token_and_an_ended_session_are_401(bilal: CustomUser, course: Course) -> None:
    enroll(bilal, course)
    content = contents_of(course)[0].pk
    client = APIClient()
    assert send(client, content).status_code == 401
    client.credentials(HTTP_AUTHORIZATION="Bearer not.a.token")
    assert send(client, content).status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(bilal)}")
    assert send(client, content).status_code == 200
    Session.objects.update(ended_at=timezone.now())
    answer = send(client, content)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_deactivated_learner_is_401_at_once(phone: APIClient, bilal: CustomUser, course: Course) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    assert send(phone, contents_of(course)[0].pk).status_code == 401


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"last_position": -1}, "last_position"),
        ({"time_spent": 10**12}, "time_spent"),
        ({"time_spent": "soon"}, "time_spent"),
        ({"content_id": 2**63}, "content_id"),
        ({"watched": [[1]]}, "watched.0"),
        ({"watched": [["a", "b"]]}, "watched.0.0"),
        ({"client_time": "yesterday"}, "client_time"),
    ],
)
def test_bad_values_are_400_and_name_their_field(
    phone: APIClient, course: Course, body: dict[str, Any], attr: str
) -> None:
    answer = send(phone, **({"content_id": contents_of(course)[0].pk} | body))
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert attr in {error["attr"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"content_id": 1}', b"\xff\xfe", b'{"content_id": NaN}', b"[" * 5000]
)
def test_a_broken_body_is_400(phone: APIClient, body: bytes) -> None:
    assert phone.post(URL, body, content_type="application/json").status_code == 400


def test_other_methods_get_the_contracts_error(phone: APIClient) -> None:
    answer = phone.get(URL)
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("contents", [1, 3])
def test_an_update_takes_at_most_four_statements(
    contents: int,
    asha: CustomUser,
    bilal: CustomUser,
    client_for: ClientFor,
    on_postgresql: bool,
    tasks_wait: None,
    django_assert_max_num_queries: Any,
) -> None:
    course = make_course(asha, contents=contents)
    enroll(bilal, course)
    client, content = client_for(bilal), contents_of(course)[0].pk
    # What completes a content asks once more, after the commit: whether a live session links it.
    limit, completing = (1, 3) if on_postgresql else (8, 15)
    with django_assert_max_num_queries(limit):
        assert send(client, content, time_spent=5).status_code == 200
    with django_assert_max_num_queries(completing):
        assert send(client, content, is_completed=True).json()["is_completed"] is True
