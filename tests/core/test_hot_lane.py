"""The short way of hot requests gives, byte by byte and header by header, what the long way gives."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import RequestFactory
from django.urls import path
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course
from e_learning.core.api.lane import HotLaneMiddleware
from tests.core import calls
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.people import token_for

pytestmark = pytest.mark.django_db
LANE = "e_learning.core.api.lane.HotLaneMiddleware"
PROGRESS = "/api/courses/progress/update/"

#: The views of ``calls`` under a URL conf of this module's, so that no address is known from another test.
urlpatterns = [*calls.urlpatterns, path("api/other/", calls.HotMine.as_view())]
handler400, handler403 = calls.handler400, calls.handler403
handler404, handler500 = calls.handler404, calls.handler500


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha)
    enroll(bilal, course)
    return course


@pytest.fixture
def both_ways(settings: Any) -> Callable[..., Any]:
    """Return a function that sends one request both ways, insists on one answer, and returns it."""
    with_lane = list(django_settings.MIDDLEWARE)
    without_lane = [name for name in with_lane if name != LANE]
    assert len(without_lane) == len(with_lane) - 1

    def send(method: str, address: str, *, token: str = "", **request: Any) -> Any:
        if token:
            request["headers"] = {"Authorization": f"Bearer {token}", **request.get("headers", {})}
        answers = []
        for middleware in (with_lane, without_lane):
            settings.MIDDLEWARE = middleware
            client = APIClient(raise_request_exception=False)
            answers.append(client.generic(method, address, **request))
        short, long = answers
        assert short.status_code == long.status_code
        assert short.content == long.content
        assert told(short) == told(long)
        assert not short.cookies
        return short

    return send


def told(answer: Any) -> dict[str, str]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers.pop("x-request-id")
    return headers


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_course_page(
    both_ways: Callable[..., Any], course: Course, bilal: CustomUser, method: str, token: bool
) -> None:
    address = f"/api/courses/courses/{course.pk}/"
    answer = both_ways(method, address, token=token_for(bilal) if token else "")
    assert answer.status_code == 200
    assert answer.headers["X-Frame-Options"] == "DENY"
    unchanged = {"If-None-Match": answer.headers["ETag"]}
    assert both_ways(method, address, token=token_for(bilal) if token else "", headers=unchanged).status_code == 304


def test_courses_that_are_not_there(both_ways: Callable[..., Any], asha: CustomUser, chitra: CustomUser) -> None:
    draft = make_course(asha, published=False)
    for absent in (draft.pk, 2**62, 2**63, "x"):
        assert both_ways("GET", f"/api/courses/courses/{absent}/", token=token_for(chitra)).status_code == 404
    assert both_ways("GET", f"/api/courses/courses/{draft.pk}").status_code == 301


@pytest.mark.parametrize(
    "body", ['{"content_id": 0}', "{", "", '{"content_id": 1, "last_position": 0, "time_spent": 0}']
)
def test_progress_of_a_stranger(both_ways: Callable[..., Any], chitra: CustomUser, body: str) -> None:
    answer = both_ways("POST", PROGRESS, token=token_for(chitra), data=body, content_type="application/json")
    assert answer.status_code in {400, 404}


def test_progress_of_a_learner(both_ways: Callable[..., Any], course: Course, bilal: CustomUser) -> None:
    body = f'{{"content_id": {contents_of(course)[0].pk}, "last_position": 3, "time_spent": 3}}'
    answer = both_ways("POST", PROGRESS, token=token_for(bilal), data=body, content_type="application/json")
    assert answer.json()["last_position"] == 3


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_methods_that_are_not_hot(both_ways: Callable[..., Any], bilal: CustomUser, method: str) -> None:
    assert both_ways(method, PROGRESS, token=token_for(bilal)).status_code in {200, 405}


@pytest.mark.parametrize("token", ["", "x.y.z"])
def test_callers_who_are_not_signed_in(both_ways: Callable[..., Any], token: str) -> None:
    answer = both_ways("POST", PROGRESS, token=token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("asked", ["hi", "hi-IN,en;q=0.5", "fr", "*", "x" * 3000, "hi;q=x"])
def test_languages(both_ways: Callable[..., Any], asked: str) -> None:
    answer = both_ways("POST", PROGRESS, headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == ("hi" if asked.startswith("hi") else "en") or asked == "hi;q=x"


def test_a_language_does_not_stay_for_the_next_caller(both_ways: Callable[..., Any]) -> None:
    first = both_ways("POST", PROGRESS, headers={"Accept-Language": "hi"})
    second = both_ways("POST", PROGRESS)
    assert (first.headers["Content-Language"], second.headers["Content-Language"]) == ("hi", "en")


@pytest.mark.parametrize("host", ["evil.example", "a b"])
def test_foreign_hosts_are_refused(course: Course, settings: Any, host: str) -> None:
    refused = [APIClient().get(f"/api/courses/courses/{course.pk}/", HTTP_HOST=host)]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != LANE]
    refused.append(APIClient().get(f"/api/courses/courses/{course.pk}/", HTTP_HOST=host))
    assert [answer.status_code for answer in refused] == [400, 400]
    assert refused[0].content == refused[1].content
    # The long way refuses before some of its layers have had their say; the short way may say more, not less.
    assert told(refused[1]).items() <= told(refused[0]).items()


def test_https_is_insisted_on(both_ways: Callable[..., Any], course: Course, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert both_ways("GET", f"/api/courses/courses/{course.pk}/").status_code == 301


@pytest.mark.urls("tests.core.test_hot_lane")
@pytest.mark.parametrize("how", sorted(calls.FAILURES))
def test_failures_foreseen_and_not(both_ways: Callable[..., Any], how: str) -> None:
    answer = both_ways("GET", f"/api/hot-failing/{how}/")
    assert answer.json()["errors"]
    assert "secret of the inside" not in answer.content.decode()


@pytest.mark.urls("tests.core.test_hot_lane")
def test_limits(
    both_ways: Callable[..., Any], bilal: CustomUser, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMITS = {**settings.LIMITS, "user": "4/3600"}
    # `Retry-After` is in whole seconds: one may end between the two ways of sending.
    monkeypatch.setattr("e_learning.core.limits.time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    token = token_for(bilal)
    statuses = [both_ways("GET", "/api/hot-mine/", token=token).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.urls("tests.core.test_hot_lane")
def test_the_lane_is_taken_by_hot_methods_of_hot_views_alone(settings: Any) -> None:
    passed = []

    def further_in(request: Any) -> Any:
        passed.append((request.method, request.path))
        return calls.json_answer(b"{}")

    lane = HotLaneMiddleware(further_in)
    make = RequestFactory()
    for request in (make.get("/api/hot-mine/"), make.get("/api/other/"), make.post("/api/hot-echo/", {})):
        lane(request)
    assert passed == []
    for request in (make.post("/api/hot-mine/"), make.get("/api/mine/"), make.get("/api/none/"), make.get("/healthz")):
        lane(request)
    assert [path for _method, path in passed] == ["/api/hot-mine/", "/api/mine/", "/api/none/", "/healthz"]
