"""``manage.py index_tutor``: what the tutor finds, brought in step with the courses."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from chatbot.providers.embedding import embedding_model
from chatbot.retrieval.selectors import courses_out_of_step, courses_without_vectors
from chatbot.retrieval.services import index_course
from courses.api import course_row, versions_to_index


class Command(BaseCommand):
    help = (
        "Cut the contents of courses into what the tutor finds. Only what changed, unless --again; breaks off safely. "
        "Where AI_EMBEDDING_MODEL is set, what has no vector by it gets one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", type=int, metavar="ID", help="this course alone; else all that are not in step")
        parser.add_argument("--again", action="store_true", help="also what has not changed, documents read anew")
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        course_ids = _asked_for(options["course"], again=options["again"])
        cut = 0
        with tqdm(course_ids, desc="Indexing", unit=" courses", dynamic_ncols=True, disable=None) as bar:
            for course_id in bar:
                cut += index_course(course_id=course_id, again=options["again"])
        if options["json"]:
            self.stdout.write(json.dumps({"courses": len(course_ids), "contents": cut}))
        else:
            self.stdout.write(f"{len(course_ids)} courses looked at, {cut} contents indexed anew.")


def _asked_for(course_id: int | None, *, again: bool) -> list[int]:
    if course_id is None:
        without_vectors = courses_without_vectors(embedding_model()) if embedding_model() else ()
        return sorted({*courses_out_of_step(), *without_vectors, *(versions_to_index() if again else ())})
    if course_row(course_id) is None:
        raise CommandError(f"There is no course {course_id}.")
    return [course_id]
