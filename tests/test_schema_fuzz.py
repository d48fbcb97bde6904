"""Whatever is sent, the platform answers as its own schema says, and never with a 5xx.

Schemathesis makes the requests from the live schema: valid ones, and ones broken in every way it
knows. Ids in paths are led to rows that exist, so that calls get past the first 404.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, HookContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import CustomUser
from attendance.services.keeping import keep_events
from chatbot.models import Conversation, Job
from courses.assessment.services import start_attempt
from courses.models import Question, Quiz
from e_learning.wsgi import application
from tests.factories.classes import event, make_session
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import person, token_for
from tests.thorough import times

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = times(8, few=4)
schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
known_ids: list[int] = []


@schema.hook
def map_path_parameters(context: HookContext, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    for name, value in (path_parameters or {}).items():
        if isinstance(value, int) and value >= 0 and value % 3 and known_ids:
            path_parameters[name] = known_ids[value % len(known_ids)]  # type: ignore[index]  # not None in its own loop
    return path_parameters


@pytest.fixture
def connection_outlives_requests() -> Iterator[None]:
    """Keep the application from closing the connection that holds the test's transaction, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def school(settings: Any, db: None, connection_outlives_requests: None) -> dict[str, CustomUser]:
    """A school that has something of everything, and no limits to run into."""
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "1000000/60")
    asha, bilal = person("asha", role="instructor"), person("bilal")
    course = make_course(asha)
    make_content(course.modules.get(), title="A taste", is_preview=True)
    make_content(course.modules.get(), title="A film", content_type="video", video_url="https://youtu.be/dQw4w9WgXcQ")
    content = make_content(course.modules.get(), title="A quiz", content_type="quiz")
    quiz = Quiz.objects.create(content=content, title="A quiz")
    question = Question.objects.create(quiz=quiz, question_text="Why?", question_type="essay")
    enroll(bilal, course)
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    lesson = make_session(course)
    [record] = keep_events(lesson, [event(lesson, bilal, "check_in", lesson.starts_at)]).values()
    known_ids[:] = [
        lesson.pk,
        record.pk,
        course.pk,
        course.modules.get().pk,
        asha.pk,
        bilal.pk,
        quiz.pk,
        question.pk,
        attempt.pk,
    ]
    conversation = Conversation.objects.create(user=bilal, course=course)
    job = Job.objects.create(course=course, kind="questions", difficulty="easy", count=1, status="succeeded")
    known_ids.extend([lesson.pk, record.pk, conversation.pk, job.pk])
    known_ids.extend(content.pk for content in contents_of(course))
    return {"asha": asha, "bilal": bilal}


def send(case: Case, caller: CustomUser) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token_for(caller)}"}, checks=CHECKS)


@schema.parametrize()
@pytest.mark.timeout(300)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_to_an_instructor_is_one_the_schema_names(case: Case, school: dict[str, CustomUser]) -> None:
    send(case, school["asha"])


@schema.parametrize()
@pytest.mark.timeout(300)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # without the systematic cases: they were the instructor's
)
def test_every_answer_to_a_learner_is_one_the_schema_names(case: Case, school: dict[str, CustomUser]) -> None:
    send(case, school["bilal"])
