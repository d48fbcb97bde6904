"""Drafts asked for, and jobs taken away again."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from chatbot.events import DraftsWanted
from chatbot.generation.models import Job
from courses.api import contents_to_read, course_of_content, course_row
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.events import publish_on_commit

#: Of one asker. The others wait until one of them is done.
MOST_UNFINISHED = 3
#: Each try that fails means that the same asker took that place in this moment.
_MOST_TRIES = 8


class NothingToRead(Conflict):
    code = "nothing_to_read"
    message = _("There is no text, document or subtitle here to write from.")


class TooManyJobs(Conflict):
    code = "too_many_jobs"
    message = _("Wait until one of the jobs that you have asked for is done.")


def ask_for_drafts(
    *,
    user: User,
    kind: str,
    count: int,
    difficulty: str,
    course_id: int | None = None,
    content_id: int | None = None,
    question_types: Sequence[str] = (),
) -> Job:
    """Queue a job that drafts ``count`` questions or cards from a content or a whole course, or a summary of each.

    Contents need not be published. Refuses: 404 for a course that isn't the user's own, 409 ``nothing_to_read`` and,
    at ``MOST_UNFINISHED`` jobs, 409 ``too_many_jobs``.
    """
    course_id = _own_course(user, course_id if content_id is None else course_of_content(content_id))
    readable = [one for one in contents_to_read(course_id) if content_id in (None, one.content_id)]
    if not readable:
        raise NothingToRead
    return _queue(
        asked_by=user,
        course_id=course_id,
        content_id=content_id,
        kind=kind,
        count=len(readable) if kind == Job.Kind.SUMMARY else count,
        difficulty=difficulty,
        question_types=sorted(set(question_types)),
    )


@transaction.atomic
def delete_job(*, user: User, job_id: int) -> None:
    """Take a job away with its drafts, also while it runs; questions that they became stay. 404 for any other's."""
    mine = Job.objects.visible_to(user).filter(pk=job_id)
    if not mine.update(claimed_until=None):  # whoever works on it writes nothing more
        raise NotThere
    mine.delete()


def _own_course(user: User, course_id: int | None) -> int:
    course = None if course_id is None else course_row(course_id)
    if course is None or not (user.is_admin or course.instructor_id == user.pk):
        raise NotThere
    return course.id


def _queue(*, asked_by: User, **fields: Any) -> Job:
    """Insert the job in one of its asker's places; of two that want the same the database lets one in."""
    for _try in range(_MOST_TRIES):
        taken = Job.objects.unfinished().filter(asked_by=asked_by).values_list("place", flat=True)
        free = sorted(set(range(1, MOST_UNFINISHED + 1)) - set(taken))
        if not free:
            raise TooManyJobs
        try:
            with transaction.atomic():
                job = Job.objects.create(asked_by=asked_by, place=free[0], **fields)
                publish_on_commit(DraftsWanted(job_id=job.pk))
                return job
        except IntegrityError:
            continue
    raise TooManyJobs
