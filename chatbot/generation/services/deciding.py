"""What becomes of drafts: edited, accepted, rejected. Each is decided once."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from chatbot.generation.bodies import as_json
from chatbot.generation.models import Draft, Job
from courses.api import create_questions
from e_learning.core.api.errors import Conflict, InvalidInput, NotThere

#: The last five are a type's own: they go when a question is made one of another type.
_OF_EVERY_TYPE = ("question_text", "points", "order", "difficulty", "topic", "explanation")
_OF_ONE_TYPE = ("options", "accepted_answers", "number", "tolerance", "pairs")
#: What may be edited of a draft.
_FIELDS = {
    Job.Kind.QUESTIONS: (*_OF_EVERY_TYPE, "question_type", *_OF_ONE_TYPE),
    Job.Kind.SUMMARY: ("text",),
    Job.Kind.FLASHCARDS: ("front", "back"),
}


class DraftDecided(Conflict):
    code = "draft_decided"
    message = _("One of these drafts was accepted or rejected already.")


@transaction.atomic
def accept_drafts(
    *, user: User, job_id: int, drafts: Sequence[Mapping[str, Any]], quiz_id: int | None = None
) -> list[dict[str, Any]]:
    """Accept drafts of one job, each ``{"id", …what was edited}``: all or none, in one transaction.

    Questions go to the end of a quiz of the same course and are returned as their author reads them; a summary or
    cards are from then on shown beside their content, and need no quiz. Refuses: 404 (job), 400 (a draft that isn't
    the job's or comes twice, ``quiz_id`` missing or not of the course, what could not be graded; ``attr`` is
    ``drafts.<place>.<field>``), 404 (quiz), 409 ``draft_decided``. Of two at once one accepts.
    """
    job = _held(user, job_id)
    rows = _drafts_of(job, [draft["id"] for draft in drafts])
    _decide(rows, Q(status=Draft.Status.WAITING), user=user, status=Draft.Status.ACCEPTED)
    bodies = [_edited(job, row.body, draft) for row, draft in zip(rows, drafts, strict=True)]
    questions: list[dict[str, Any]] = []
    if job.kind == Job.Kind.QUESTIONS:
        questions = _questions_from(bodies, user=user, course_id=job.course_id, quiz_id=quiz_id)
    for row, body, question in zip_longest(rows, bodies, questions):
        row.body, row.question_id = as_json(body), question and question["id"]
    Draft.objects.bulk_update(rows, ["body", "question_id"])
    return questions


@transaction.atomic
def reject_drafts(*, user: User, job_id: int, drafts: Sequence[int]) -> None:
    """Reject drafts by their ids, all or none: those that wait, and summaries and cards that were accepted before.

    Refuses: 404 (job), 400 (a draft that isn't the job's or comes twice), 409 ``draft_decided`` (also for what became
    a question: that is deleted in its quiz).
    """
    open_to_it = Q(status=Draft.Status.WAITING) | Q(status=Draft.Status.ACCEPTED, question_id=None)
    _decide(_drafts_of(_held(user, job_id), drafts), open_to_it, user=user, status=Draft.Status.REJECTED)


@transaction.atomic
def edit_draft(*, user: User, draft_id: int, body: Mapping[str, Any]) -> None:
    """Write ``body``, which the caller has checked, over that of a draft that waits; 404, 409 ``draft_decided``."""
    mine = Draft.objects.filter(pk=draft_id, job__in=Job.objects.visible_to(user))
    if not mine.exists():
        raise NotThere
    if not mine.filter(status=Draft.Status.WAITING).update(body=body):
        raise DraftDecided


def _held(user: User, job_id: int) -> Job:
    """Return the job, whose row lets one decide at a time."""
    job = Job.objects.visible_to(user).filter(pk=job_id).select_for_update(no_key=True, of=("self",)).first()
    if job is None:
        raise NotThere
    return job


def _drafts_of(job: Job, ids: Sequence[int]) -> list[Draft]:
    """Return the drafts with these ids in that order."""
    found = {draft.pk: draft for draft in job.drafts.filter(pk__in=ids)}
    for place, id_ in enumerate(ids):
        if id_ not in found:
            raise InvalidInput(_("The job has no such draft."), attr=f"drafts.{place}.id", code="no_such_draft")
        if id_ in ids[:place]:
            raise InvalidInput(_("This draft comes twice."), attr=f"drafts.{place}.id", code="comes_twice")
    return [found[id_] for id_ in ids]


def _decide(rows: Sequence[Draft], condition: Q, *, user: User, status: Draft.Status) -> None:
    """Give each its state, or refuse all with 409: the condition of the update is what lets one decide."""
    open_rows = Draft.objects.filter(condition, pk__in=[row.pk for row in rows])
    if open_rows.update(status=status, decided_by=user, decided_at=timezone.now()) != len(rows):
        raise DraftDecided


def _edited(job: Job, body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with what was edited of it; of a question whose type was changed, what is every type's."""
    is_other_type = changes.get("question_type", body.get("question_type")) != body.get("question_type")
    kept = {name: value for name, value in body.items() if not (is_other_type and name in _OF_ONE_TYPE)}
    return kept | {name: changes[name] for name in _FIELDS[Job.Kind(job.kind)] if name in changes}


def _questions_from(
    bodies: Sequence[Mapping[str, Any]], *, user: User, course_id: int, quiz_id: int | None
) -> list[dict[str, Any]]:
    if quiz_id is None:
        raise InvalidInput(_("Say which quiz the questions are for."), attr="quiz_id", code="required")
    try:
        return create_questions(author=user, quiz_id=quiz_id, course_id=course_id, bodies=bodies)
    except InvalidInput as refusal:
        if refusal.attr != "quiz_id":
            refusal.attr = f"drafts.{refusal.attr}"
        raise
