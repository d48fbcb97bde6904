"""``manage.py generate_questions``: drafts of questions for every topic of a course."""

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from tqdm import tqdm

from chatbot.generation.models import Job
from chatbot.generation.serializers import DIFFICULTIES, GRADABLE, MOST_DRAFTS
from chatbot.generation.services import jobs_of_topics, run_job
from courses.api import course_row

#: Until a job is looked at again that another process holds.
_PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Draft questions for each topic of a course: a content's own, else its module's title. They wait for the "
        "course's owner. Breaks off safely: run again, it finishes what was left and skips what is done; what a killed "
        "process held is free after some minutes, and waited for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", type=int, required=True, metavar="ID", help="the course")
        parser.add_argument(
            "--per-topic", type=int, required=True, metavar="N", help=f"questions a topic, 1 to {MOST_DRAFTS}"
        )
        parser.add_argument("--difficulty", choices=[name for name, _label in DIFFICULTIES], default="medium")
        parser.add_argument(
            "--types", nargs="+", choices=[name for name, _label in GRADABLE], default=[], help="of these types alone"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        course_id, per_topic = options["course"], options["per_topic"]
        if course_row(course_id) is None:
            raise CommandError(f"There is no course {course_id}.")
        if not 1 <= per_topic <= MOST_DRAFTS:
            raise CommandError(f"Ask for 1 to {MOST_DRAFTS} questions a topic.")
        jobs = jobs_of_topics(
            course_id=course_id,
            per_topic=per_topic,
            difficulty=options["difficulty"],
            question_types=options["types"],
        )
        if not jobs:
            raise CommandError("There is no text, document or subtitle in this course to write from.")
        _carry_out([job.pk for job in jobs])
        report = _report([job.pk for job in jobs], made_before=sum(job.status == Job.Status.SUCCEEDED for job in jobs))
        self.stdout.write(json.dumps(report) if options["json"] else _in_words(report))
        if report["failed"]:
            raise CommandError("Some topics failed. Run it again to go on with them.")


def _carry_out(ids: Sequence[int]) -> None:
    """Do the jobs that are not done, each until it is; one that another process holds is waited for."""
    unfinished = Job.objects.unfinished().filter(pk__in=ids).order_by("pk")
    with tqdm(total=len(ids), desc="Drafting", unit=" topics", dynamic_ncols=True, disable=None) as bar:
        while left := list(unfinished.values_list("pk", flat=True)):
            for job_id in left:
                run_job(job_id=job_id)
                bar.update(len(ids) - unfinished.count() - bar.n)
            if unfinished.exists():
                time.sleep(_PAUSE_SECONDS)
        bar.update(len(ids) - bar.n)


def _report(ids: Sequence[int], *, made_before: int) -> dict[str, Any]:
    jobs = Job.objects.filter(pk__in=ids).annotate(made=Count("drafts")).order_by("pk")
    refused: Counter[str] = Counter()
    for job in jobs:
        refused.update(job.refused)
    return {
        "topics": len(jobs),
        "done_before": made_before,
        "drafts": {job.topic: job.made for job in jobs},
        "failed": {job.topic: job.error for job in jobs if job.status == Job.Status.FAILED},
        "refused": dict(refused),
    }


def _in_words(report: dict[str, Any]) -> str:
    lines = [f"{topic}: {made} drafts" for topic, made in report["drafts"].items()]
    lines += [f"{topic} failed: {error}" for topic, error in report["failed"].items()]
    lines += [f"refused as {rule}: {many}" for rule, many in sorted(report["refused"].items())]
    return "\n".join([*lines, f"{report['topics']} topics, {report['done_before']} of them done before."])
