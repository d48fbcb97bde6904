"""Many at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from accounts.models import CustomUser
from chatbot.generation.services import (
    MOST_UNFINISHED,
    DraftDecided,
    TooManyJobs,
    accept_drafts,
    ask_for_drafts,
    deciding,
    jobs_of_topics,
    reject_drafts,
    run_job,
    running,
)
from chatbot.models import Draft, Job
from courses.models import Content, Course, Question, Quiz
from tests.chatbot.generation.conftest import Drafted, drafts_of
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.thorough import times

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("tasks_wait"),
]
AT_ONCE = 8
ROUNDS = times(20, few=3)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


def again(drafts: list[Draft]) -> None:
    Question.objects.all().delete()
    Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).update(status="waiting", question_id=None)


# --- accepting ------------------------------------------------------------------------------------
def accepted(all_at_once: AllAtOnce, asha: CustomUser, quiz: Quiz, job: Job) -> list[Any]:
    """Accept the same drafts at once, every other caller in the other order."""
    ids = [{"id": draft.pk} for draft in drafts_of(job)]
    return all_at_once(
        *[
            lambda chosen=chosen: accept_drafts(user=asha, job_id=job.pk, quiz_id=quiz.pk, drafts=chosen)
            for chosen in [ids, ids[::-1]] * (AT_ONCE // 2)
        ]
    )


def test_of_many_accepts_one_makes_questions(
    all_at_once: AllAtOnce, asha: CustomUser, quiz: Quiz, drafted: Drafted
) -> None:
    job = drafted()
    for _round in range(ROUNDS):
        outcomes = accepted(all_at_once, asha, quiz, job)
        made = [one for one in outcomes if isinstance(one, list)]
        assert len(made) == 1
        assert {type(one) for one in outcomes if one not in made} == {DraftDecided}
        assert quiz.questions.count() == 3
        assert {draft.question_id for draft in drafts_of(job)} == {question["id"] for question in made[0]}
        again(drafts_of(job))


def test_without_the_condition_several_accepts_make_questions(
    all_at_once: AllAtOnce, asha: CustomUser, quiz: Quiz, drafted: Drafted, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = drafted()

    def unguarded(rows: list[Draft], condition: Q, *, user: CustomUser, status: str) -> None:
        Draft.objects.filter(pk__in=[row.pk for row in rows]).update(status=status, decided_by=user)

    monkeypatch.setattr(deciding, "_decide", unguarded)

    def questions_made() -> int:
        again(drafts_of(job))
        accepted(all_at_once, asha, quiz, job)
        return quiz.questions.count()

    assert any(questions_made() > 3 for _round in range(MOST_ROUNDS))


def test_accepting_and_rejecting_at_once_does_one_of_them(
    all_at_once: AllAtOnce, asha: CustomUser, quiz: Quiz, drafted: Drafted
) -> None:
    job = drafted()
    ids = [draft.pk for draft in drafts_of(job)]
    for _round in range(ROUNDS):
        outcomes = all_at_once(
            lambda: accept_drafts(user=asha, job_id=job.pk, quiz_id=quiz.pk, drafts=[{"id": id_} for id_ in ids]),
            lambda: reject_drafts(user=asha, job_id=job.pk, drafts=ids[::-1]),
        )
        assert sum(isinstance(one, DraftDecided) for one in outcomes) == 1
        states = {draft.status for draft in drafts_of(job)}
        assert (states, quiz.questions.count()) in [({"accepted"}, 3), ({"rejected"}, 0)]
        again(drafts_of(job))


# --- asking ---------------------------------------------------------------------------------------
def asked(all_at_once: AllAtOnce, asha: CustomUser, lesson: Content) -> list[Any]:
    Job.objects.all().delete()
    wanted: dict[str, Any] = {"kind": "questions", "count": 1, "difficulty": "easy", "content_id": lesson.pk}
    return all_at_once(*[lambda: ask_for_drafts(user=asha, **wanted)] * AT_ONCE)


def test_no_more_jobs_are_queued_than_one_may_have(all_at_once: AllAtOnce, asha: CustomUser, lesson: Content) -> None:
    for _round in range(ROUNDS):
        outcomes = asked(all_at_once, asha, lesson)
        assert all(isinstance(one, Job | TooManyJobs) for one in outcomes), outcomes
        assert Job.objects.count() == MOST_UNFINISHED


@contextmanager
def without_places() -> Iterator[None]:
    """Take the constraint off the table. The model's list goes along: SQLite makes tables anew from it."""
    meta, constraints = Job._meta, Job._meta.constraints
    [places] = [constraint for constraint in constraints if constraint.name == "one_job_a_place"]
    try:
        meta.constraints = [constraint for constraint in constraints if constraint is not places]
        with connection.schema_editor() as editor:
            editor.remove_constraint(Job, places)
        yield
    finally:
        Job.objects.all().delete()
        meta.constraints = constraints
        with connection.schema_editor() as editor:
            editor.add_constraint(Job, places)


def test_without_the_constraint_more_are_queued(all_at_once: AllAtOnce, asha: CustomUser, lesson: Content) -> None:
    def queued() -> int:
        asked(all_at_once, asha, lesson)
        return Job.objects.count()

    with without_places():
        assert any(queued() > MOST_UNFINISHED for _round in range(MOST_ROUNDS))


# --- carrying out ---------------------------------------------------------------------------------
def is_carried_out_once(all_at_once: AllAtOnce, asha: CustomUser, course: Course) -> bool:
    Job.objects.all().delete()
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    all_at_once(*[lambda: run_job(job_id=job.pk)] * AT_ONCE)
    job.refresh_from_db()
    return (job.status, [draft.order for draft in drafts_of(job)]) == ("succeeded", [1, 2, 3, 4])


def test_of_many_workers_one_carries_a_job_out(all_at_once: AllAtOnce, asha: CustomUser, course: Course) -> None:
    assert all(is_carried_out_once(all_at_once, asha, course) for _round in range(ROUNDS))


def test_without_the_claim_several_write(
    all_at_once: AllAtOnce, asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unheld(job: Job, changes: dict[str, Any]) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(**changes)
        return changes

    def unclaimed(job_id: int) -> Job:
        Job.objects.filter(pk=job_id).update(status="running")
        return Job.objects.get(pk=job_id)

    monkeypatch.setattr(running, "_claimed", unclaimed)
    monkeypatch.setattr(running, "_changed", unheld)
    assert not all(is_carried_out_once(all_at_once, asha, course) for _round in range(MOST_ROUNDS))


def test_of_two_commands_at_once_both_get_the_same_jobs(all_at_once: AllAtOnce, course: Course) -> None:
    def jobs() -> list[int]:
        wanted: dict[str, Any] = {"per_topic": 5, "difficulty": "easy", "question_types": ["numeric"]}
        return [job.pk for job in jobs_of_topics(course_id=course.pk, **wanted)]

    for _round in range(ROUNDS):
        Job.objects.all().delete()
        first, *others = all_at_once(*[jobs] * AT_ONCE)
        assert len(first) == Job.objects.count() == 2
        assert all(other == first for other in others)
