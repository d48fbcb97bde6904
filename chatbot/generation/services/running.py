"""A job carried out: planned, then step by step, each kept by a transaction of its own.

Whoever holds a job has written ``claimed_until``, and writes to it only while that still stands there: of two workers
one goes on, and what a killed one held is free when its time is over.
"""

import logging
import math
import time
from collections import Counter
from collections.abc import Container
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from chatbot.generation.making import Making, Wanted
from chatbot.generation.modelled import MOST_CALLS
from chatbot.generation.models import Draft, Job
from chatbot.generation.reading import shares, source_of
from chatbot.generation.selectors import bank_for, ids_of_jobs_to_do
from chatbot.generation.writing import make
from chatbot.providers.base import ProviderFailed
from courses.api import contents_to_read, mark_of_content

logger = logging.getLogger(__name__)
#: Drafts of one step: what a crash can lose, and by what percent grows.
MOST_OF_A_STEP = 10
#: Why a job failed, where no provider did.
NOTHING_TO_READ, BROKE_OFF = "nothing_to_read", "broke_off"
#: So often what some contents could not give is asked of others.
_MOST_AGAIN = 3
_READING = timedelta(minutes=2)


class ClaimLost(Exception):
    """Another worker holds the job, or it is gone."""


def run_job(*, job_id: int, most_seconds: float = math.inf) -> bool:
    """Do a job's steps for about so long; says whether it was let go with steps left, for its caller to go on with.

    Does nothing where it is finished or another holds it. Slow, so outside of transactions. What nobody foresaw fails
    the job: models cost money, and the same step would fail again.
    """
    until = time.monotonic() + most_seconds
    job = _claimed(job_id)
    if job is None:
        return False
    try:
        while job.status == Job.Status.RUNNING and time.monotonic() < until:
            _go_on(job)
        if job.status == Job.Status.RUNNING:
            _write(job, claimed_until=None)
            return True
    except ClaimLost:
        logger.info("job %s goes on elsewhere, or was deleted", job_id)
    except Exception:  # whatever it is, who asked is to read that the job ended
        logger.exception("job %s broke off", job_id)
        Job.objects.filter(pk=job_id, claimed_until=job.claimed_until).update(**_ending(BROKE_OFF))
    return False


def sweep_jobs(*, most_seconds: float) -> int:
    """Go on with jobs that a crash left or whose wake-up was lost, for about so long; returns how many it took up."""
    until, taken = time.monotonic() + most_seconds, 0
    for job_id in ids_of_jobs_to_do(timezone.now()):
        if time.monotonic() > until:
            break
        run_job(job_id=job_id, most_seconds=until - time.monotonic())
        taken += 1
    return taken


def claim_time() -> timedelta:
    """Return how long a step may take, after which its worker counts as dead."""
    calls = MOST_CALLS * len(settings.AI_MODELS)
    return _READING + timedelta(seconds=calls * settings.AI_TIMEOUT_SECONDS)


# --- holding it ---------------------------------------------------------------------------------
def _claimed(job_id: int) -> Job | None:
    """Claim a job that is unfinished and that nobody holds; None for any other."""
    now = timezone.now()
    free = Job.objects.unfinished().filter(Q(claimed_until=None) | Q(claimed_until__lt=now), pk=job_id)
    until = now + claim_time()
    if not free.update(status=Job.Status.RUNNING, claimed_until=until):
        return None
    return Job.objects.filter(pk=job_id, claimed_until=until).first()


def _write(job: Job, **changes: Any) -> None:
    """Change a job that is held, and hold it on unless ``changes`` say otherwise. Raises ``ClaimLost``."""
    job.__dict__.update(_changed(job, changes))


def _changed(job: Job, changes: dict[str, Any]) -> dict[str, Any]:
    """The same within a transaction: returns what ``job`` is to take over once that has committed."""
    changes = {"claimed_until": timezone.now() + claim_time()} | changes
    if not Job.objects.filter(pk=job.pk, claimed_until=job.claimed_until).update(**changes):
        raise ClaimLost
    return changes


def _ending(error: str = "") -> dict[str, Any]:
    status = Job.Status.FAILED if error else Job.Status.SUCCEEDED
    return {"status": status, "error": error, "finished_at": timezone.now(), "claimed_until": None}


# --- what is to be done -------------------------------------------------------------------------
def _go_on(job: Job) -> None:
    if not job.plan:
        _plan(job)
        return
    step = job.plan[job.steps_done]
    try:
        making = _made(job, step)
    except ProviderFailed as failed:
        _write(job, **_ending(failed.outcome))
        return
    try:
        _keep(job, step, making)
    except IntegrityError:
        if mark_of_content(step["content_id"]) is not None:
            raise
        _keep(job, step, Making())  # the content went while it was written about


def _plan(job: Job) -> None:
    """Spread what is wanted over the contents, by how much each says; a summary is one of each that says anything."""
    plan = _steps(job, job.count)
    _write(job, **({"plan": plan} if plan else _ending(NOTHING_TO_READ)))


def _steps(job: Job, count: int, *, without: Container[int] = (), again: int = 0) -> list[dict[str, Any]]:
    topics = {
        one.content_id: one.topic
        for one in contents_to_read(job.course_id)
        if job.content_id in (None, one.content_id) and job.topic in ("", one.topic) and one.content_id not in without
    }
    lengths = {content_id: _length(content_id) for content_id in topics}
    wanted = {one: 1 for one, length in lengths.items() if length}
    if job.kind != Job.Kind.SUMMARY:
        wanted = shares(lengths, count)
    return [
        {
            "content_id": content_id,
            "topic": topics[content_id],
            "count": min(MOST_OF_A_STEP, share - done),
            "round": again,
        }
        for content_id, share in wanted.items()
        for done in range(0, share, MOST_OF_A_STEP)
    ]


def _further_steps(job: Job, plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return steps for what is missing at the end of ``plan``, of contents that were not found to say too little."""
    missing = job.count - sum(step.get("made", 0) for step in plan)
    again = plan[-1]["round"] + 1
    if job.kind == Job.Kind.SUMMARY or missing <= 0 or again > _MOST_AGAIN:
        return []
    spent = {step["content_id"] for step in plan if step.get("made", step["count"]) < step["count"]}
    return _steps(job, missing, without=spent, again=again)


def _length(content_id: int) -> int:
    source = source_of(content_id)
    return 0 if source is None else len(source.text)


def _made(job: Job, step: dict[str, Any]) -> Making:
    source = source_of(step["content_id"])
    if source is None or not source.text:
        return Making()
    wanted = Wanted(
        kind=job.kind,
        difficulty=job.difficulty,
        count=step["count"],
        question_types=job.question_types,
        topic=step["topic"],
    )
    return make(source, wanted, bank=bank_for(job), user_id=job.asked_by_id)


def _keep(job: Job, step: dict[str, Any], making: Making) -> None:
    """Store a step's drafts and that it was done, by one transaction and only while the job is held."""
    done = _steps_done(job, step, is_exhausted=len(making.made) < step["count"])
    plan = [*job.plan]
    plan[job.steps_done] = {**step, "made": len(making.made)}
    if done == len(plan):
        plan += _further_steps(job, plan)
    changes = {"plan": plan, "steps_done": done, "refused": dict(Counter(job.refused) + making.refused)}
    if done == len(plan):
        changes |= _ending()
    with transaction.atomic():
        changes = _changed(job, changes)
        last = job.drafts.aggregate(last=Max("order"))["last"] or 0
        Draft.objects.bulk_create(
            Draft(job=job, content_id=step["content_id"], order=order, **_as_stored(made))
            for order, made in enumerate(making.made, last + 1)
        )
    job.__dict__.update(changes)


def _as_stored(made: Any) -> dict[str, Any]:
    return {"body": made.body, "quote": made.quote, "is_by_rule": made.is_by_rule}


def _steps_done(job: Job, step: dict[str, Any], *, is_exhausted: bool) -> int:
    """Return how many steps are done after this one: a content that gave less than was wanted is not asked again."""
    done = job.steps_done + 1
    while is_exhausted and done < len(job.plan) and job.plan[done]["content_id"] == step["content_id"]:
        done += 1
    return done
