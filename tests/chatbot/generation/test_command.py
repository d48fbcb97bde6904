"""``manage.py generate_questions``: for every topic once, however often it is run or killed."""

import io
import json
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chatbot.generation.services import running
from chatbot.management.commands import generate_questions
from chatbot.models import Draft, Job
from chatbot.providers.base import ProviderFailed
from courses.models import Content, Course, Module
from tests.chatbot.generation.conftest import CLOUDS
from tests.core.processes import ROOT, environment
from tests.factories.courses import make_content, make_course
from tests.payments.processes import database_url

pytestmark = pytest.mark.django_db
#: Ends like a process that the kernel kills, when the second topic is written about.
_KILLED = """
import os, signal
import django
django.setup()
from django.core.management import call_command
from chatbot.generation.services import running
make, calls = running.make, []
def is_killed(*args, **kwargs):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return make(*args, **kwargs)
running.make = is_killed
call_command("generate_questions", course=int(os.environ["COURSE"]), per_topic=2)
"""


def report(course: Course, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("generate_questions", course=course.pk, per_topic=2, json=True, stdout=out, **options)
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def test_every_topic_gets_its_drafts_once(course: Course, capfd: Any) -> None:
    make_content(Module.objects.get(course=course), title="More", text_html=f"<p>{CLOUDS}</p>", topic="")
    made = report(course)
    assert made == {
        "topics": 3,
        "done_before": 0,
        "drafts": {"Water itself": 2, "Clouds itself": 2, "First steps": 2},
        "failed": {},
        "refused": made["refused"],
    }
    assert {draft.body["topic"] for draft in Draft.objects.all()} == set(made["drafts"])
    assert set(Draft.objects.values_list("status", flat=True)) == {"waiting"}
    texts = [draft.body["question_text"] for draft in Draft.objects.all()]
    assert len(set(texts)) == 6
    again = report(course)
    assert (again["done_before"], again["drafts"]) == (3, made["drafts"])
    assert Draft.objects.count() == 6


def test_other_wishes_are_other_jobs(course: Course) -> None:
    report(course)
    assert report(course, difficulty="hard")["done_before"] == 0
    assert report(course, types=["numeric", "true_false"])["done_before"] == 0
    assert report(course, types=["true_false", "numeric"])["done_before"] == 2
    assert Job.objects.count() == 6


def test_a_new_topic_is_done_and_the_old_ones_are_skipped(course: Course) -> None:
    report(course)
    make_content(Module.objects.get(course=course), text_html=f"<p>{CLOUDS}</p>", topic="New")
    said = report(course)
    assert (said["topics"], said["done_before"], Job.objects.count()) == (3, 2, 3)


def test_what_failed_is_gone_on_with(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    make, calls = running.make, []

    def fails_once(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ProviderFailed("busy")
        return make(*args, **kwargs)

    monkeypatch.setattr(running, "make", fails_once)
    with pytest.raises(CommandError, match="Run it again"):
        report(course)
    assert sorted(Job.objects.values_list("status", "error")) == [("failed", "busy"), ("succeeded", "")]
    said = report(course)
    assert (said["failed"], said["done_before"]) == ({}, 1)
    assert Job.objects.count() == 2


def test_a_job_that_another_process_holds_is_waited_for(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    report(course)
    held = Job.objects.order_by("pk")[0]
    Job.objects.filter(pk=held.pk).update(
        status="running", steps_done=0, claimed_until=timezone.now() + timedelta(minutes=9)
    )
    waits = []

    def others_end(seconds: float) -> None:
        waits.append(seconds)
        Job.objects.filter(pk=held.pk).update(status="succeeded", claimed_until=None)

    monkeypatch.setattr(generate_questions.time, "sleep", others_end)
    assert report(course)["failed"] == {}
    assert len(waits) == 1
    assert Draft.objects.count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_killed_run_is_finished_by_the_next(course: Course) -> None:
    variables = environment(DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="e_learning.settings")
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED],
        env=variables | {"COURSE": str(course.pk)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert sorted(Job.objects.values_list("status", "steps_done")) == [("running", 0), ("succeeded", 1)]
    assert Draft.objects.count() == 2
    Job.objects.filter(status="running").update(claimed_until=timezone.now() - timedelta(seconds=1))

    said = report(course)
    assert (said["done_before"], said["drafts"]) == (1, {"Water itself": 2, "Clouds itself": 2})
    assert sorted(Draft.objects.values_list("job", "order")) == sorted(
        (job_id, order) for job_id in Job.objects.values_list("pk", flat=True) for order in (1, 2)
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"course": 10**9, "per_topic": 2}, "There is no course"),
        ({"per_topic": 0}, "1 to 50"),
        ({"per_topic": 51}, "1 to 50"),
    ],
)
def test_what_cannot_be_is_refused(course: Course, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("generate_questions", **({"course": course.pk} | options))
    assert not Job.objects.exists()


def test_a_course_without_words_is_refused(asha: Any) -> None:
    with pytest.raises(CommandError, match="There is no text"):
        report(make_course(asha, contents=0))


def test_it_says_in_words_what_was_made(course: Course, capfd: Any) -> None:
    call_command("generate_questions", course=course.pk, per_topic=2)
    said = capfd.readouterr().out.splitlines()
    assert said[:2] == ["Water itself: 2 drafts", "Clouds itself: 2 drafts"]
    assert said[-1] == "2 topics, 0 of them done before."


def test_a_topic_is_no_longer_than_a_topic_may_be(course: Course) -> None:
    Content.objects.update(topic="")
    Module.objects.update(title="T" * 200)
    assert list(report(course)["drafts"]) == ["T" * 100]
