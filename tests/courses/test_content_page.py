"""One content opened: who may, what is in it, and what a locked one leaks (nothing)."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Content, Course, Question, Quiz
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db


def url(content: Content) -> str:
    return f"/api/courses/contents/{content.pk}/"


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha)


def test_a_locked_content_is_401_without_and_403_with_a_token(
    course: Course, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    locked = contents_of(course)[0]
    without, with_token = anonymous.get(url(locked)), client_for(chitra).get(url(locked))
    assert (without.status_code, with_token.status_code) == (401, 403)
    assert with_token.json()["errors"][0]["code"] == "enrollment_required"
    assert b"Secret" not in without.content + with_token.content


def test_a_preview_opens_for_anyone(
    course: Course, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    preview = make_content(course.modules.get(), is_preview=True)
    for client in (anonymous, client_for(chitra)):
        body = client.get(url(preview)).json()
        assert body["text_html"] == "<p>Secret words</p>"
        assert body["progress"] is None


def test_a_preview_of_a_draft_does_not(
    asha: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    preview = make_content(make_course(asha, published=False).modules.get(), is_preview=True)
    assert client_for(chitra).get(url(preview)).status_code == 404
    assert anonymous.get(url(preview)).status_code == 404
    assert client_for(asha).get(url(preview)).status_code == 200


def test_a_learner_opens_what_was_bought(course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    enroll(bilal, course)
    content = contents_of(course)[0]
    body = client_for(bilal).get(url(content)).json()
    assert set(body) == {
        "id", "module_id", "course_id", "title", "section", "content_type", "text_content", "text_html", "document",
        "video", "quiz", "progress", "version",
    }  # fmt: skip
    assert body["progress"] == {"is_completed": False, "last_position": 0, "time_spent": 0}
    assert (body["video"], body["quiz"], body["document"]) == (None, None, None)


def test_own_progress_is_shown_and_nobody_elses(
    course: Course, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    content = contents_of(course)[0]
    for learner in (bilal, chitra):
        enroll(learner, course)
    client_for(bilal).post(
        "/api/courses/progress/update/",
        {"content_id": content.pk, "last_position": 7, "time_spent": 8, "is_completed": True},
    )
    assert client_for(bilal).get(url(content)).json()["progress"] == {
        "is_completed": True,
        "last_position": 7,
        "time_spent": 8,
    }
    assert client_for(chitra).get(url(content)).json()["progress"]["time_spent"] == 0


def test_a_video_of_another_house_is_named_with_its_source(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    film = make_content(
        course.modules.get(), content_type="video", video_url="https://youtu.be/dQw4w9WgXcQ", video_duration=212
    )
    video = client_for(bilal).get(url(film)).json()["video"]
    assert (video["source"], video["status"], video["hls_url"], video["duration"]) == ("youtube", "ready", None, 212)
    assert video["subtitles"] == []


def test_a_quiz_says_how_it_is_taken_and_nothing_of_its_key(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    content = make_content(course.modules.get(), content_type="quiz", title="Quiz")
    quiz = Quiz.objects.create(content=content, title="Quiz", passing_score=70, max_attempts=3)
    Question.objects.create(quiz=quiz, question_text="Why?", question_type="essay")
    assert client_for(bilal).get(url(content)).json()["quiz"] == {
        "id": quiz.pk,
        "question_count": 1,
        "passing_score": 70,
        "time_limit": None,
        "max_attempts": 3,
        "attempts_used": 0,
    }


def test_opening_takes_at_most_six_statements(
    course: Course, bilal: CustomUser, client_for: ClientFor, django_assert_max_num_queries: Any
) -> None:
    enroll(bilal, course)
    quiz = make_content(course.modules.get(), content_type="quiz", title="Quiz")
    Quiz.objects.create(content=quiz, title="Quiz")
    film = make_content(
        course.modules.get(),
        content_type="video",
        video_url="https://youtu.be/dQw4w9WgXcQ",
        text_html='<img src="asset:1"><img src="asset:2">',
    )
    client = client_for(bilal)
    for content in (contents_of(course)[0], quiz, film):
        with django_assert_max_num_queries(6):
            assert client.get(url(content)).status_code == 200


def test_the_etag_saves_the_body(course: Course, anonymous: APIClient) -> None:
    preview = make_content(course.modules.get(), is_preview=True)
    etag = anonymous.get(url(preview)).headers["ETag"]
    assert anonymous.get(url(preview), headers={"If-None-Match": etag}).status_code == 304
