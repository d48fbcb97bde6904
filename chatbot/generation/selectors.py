"""Reading jobs and drafts."""

from datetime import datetime
from typing import TypedDict

from django.db.models import Prefetch, Q, QuerySet

from accounts.api import User
from chatbot.generation.models import Draft, Job
from courses.api import check_open, question_texts_of
from e_learning.core.api.errors import NotThere

#: Under which name the text of a draft stands that says what it is about: what the same draft would say again.
_TELLING = {Job.Kind.QUESTIONS: "question_text", Job.Kind.FLASHCARDS: "front"}


class Card(TypedDict):
    front: str
    back: str


class Study(TypedDict):
    """What was made of a content and accepted. ``summary`` is the one that was accepted last, '' for none."""

    summary: str
    flashcards: list[Card]


def jobs_visible_to(user: User) -> QuerySet[Job]:
    """Return the jobs of own courses, the latest first; all for admins."""
    return Job.objects.visible_to(user)


def job_of(user: User, job_id: int) -> Job:
    """Return a job of an own course with its drafts, in order; 404 for any other. Two statements."""
    drafts = Prefetch("drafts", queryset=Draft.objects.order_by("order"))
    found = Job.objects.visible_to(user).filter(pk=job_id).prefetch_related(drafts).first()
    if found is None:
        raise NotThere
    return found


def ids_of_jobs_to_do(now: datetime) -> list[int]:
    """Return the jobs that are unfinished and that nobody holds, the oldest first."""
    free = Job.objects.unfinished().filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    return list(free.order_by("created_at", "pk").values_list("pk", flat=True))


def bank_for(job: Job) -> list[str]:
    """Return what is not to be drafted again in the job's course: what quizzes ask, and all that was drafted before.

    Also what was rejected: nobody wants to read it twice.
    """
    telling = _TELLING.get(Job.Kind(job.kind))
    if telling is None:
        return []
    drafted = Draft.objects.filter(job__course=job.course_id, job__kind=job.kind).order_by("pk")
    asked = question_texts_of(job.course_id) if job.kind == Job.Kind.QUESTIONS else []
    return [*asked, *drafted.values_list(f"body__{telling}", flat=True)]


def study_of(user: User, content_id: int) -> Study:
    """Return the accepted summary and cards of a content that ``user`` may open; refuses as opening it does.

    Two statements.
    """
    check_open(user, content_id)
    accepted = Draft.objects.filter(content=content_id, status=Draft.Status.ACCEPTED)
    texts = accepted.exclude(job__kind=Job.Kind.QUESTIONS).order_by("decided_at", "pk").values_list("job__kind", "body")
    study = Study(summary="", flashcards=[])
    for kind, body in texts:
        if kind == Job.Kind.SUMMARY:
            study["summary"] = body["text"]
        else:
            study["flashcards"].append(Card(front=body["front"], back=body["back"]))
    return study
