"""A job for each topic of a course: what ``manage.py generate_questions`` carries out."""

from collections.abc import Sequence

from django.db import transaction

from chatbot.generation.models import Job
from courses.api import contents_to_read


@transaction.atomic
def jobs_of_topics(*, course_id: int, per_topic: int, difficulty: str, question_types: Sequence[str]) -> list[Job]:
    """Return a job for each topic of the course, in its order: those that there are, and new ones for the rest.

    One that failed is queued again and goes on where it was. Of two callers at once both get the same jobs.
    """
    topics = list(dict.fromkeys(one.topic for one in contents_to_read(course_id)))
    asked = {
        "course_id": course_id,
        "kind": Job.Kind.QUESTIONS,
        "per_topic": per_topic,
        "difficulty": difficulty,
        "question_types": sorted(set(question_types)),
    }
    new = [Job(topic=topic, count=per_topic, **asked) for topic in topics]
    Job.objects.bulk_create(new, ignore_conflicts=True)
    jobs = Job.objects.filter(topic__in=topics, **asked)
    jobs.filter(status=Job.Status.FAILED).update(status=Job.Status.QUEUED, error="", finished_at=None)
    return sorted(jobs, key=lambda job: topics.index(job.topic))
