"""Measure finding passages among 50,000 chunks in 1,000 courses on PostgreSQL, and look at its plans.

    python benchmarks/tutor/retrieval.py [--database postgres://user@host/name] [--questions 200]

Asked are a learner of five courses, a teacher of two hundred and an admin, who may open all: the selector itself, in
this process. Words are made up, and used as unevenly as words are (Zipf); a question has three to eight of them, as
they come or only common ones. A database of the run's own is made and dropped. A p95 above the target, or a plan that
reads all chunks, ends the run with a status of 1.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.in_process import set_up_on

TARGET_MS = 50
COURSES, CONTENTS, CHUNKS_A_CONTENT, WORDS_A_CHUNK = 1_000, 10, 5, 110
OF_LEARNER, OF_TEACHER = 5, 200


def main() -> None:
    asked = _arguments()
    with set_up_on(asked.database):
        well = _measure_all(asked.questions)
    print("REACHED" if well else "MISSED")
    sys.exit(0 if well else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure finding passages among 50,000 chunks.")
    parser.add_argument(
        "--database",
        default="postgres://postgres@127.0.0.1:5432/el_bench_passages",
        help="a PostgreSQL server, and the name of a database to make there and drop (default: %(default)s)",
    )
    parser.add_argument("--questions", type=int, default=200, help="of each kind and asker (%(default)s)")
    return parser.parse_args()


def _measure_all(questions: int) -> bool:
    from benchmarks.library import Library

    chance = random.Random("tutor")
    library = Library(chance)
    started = time.perf_counter()
    askers = _write_school(library)
    print(f"{COURSES * CONTENTS * CHUNKS_A_CONTENT} chunks, written in {time.perf_counter() - started:.0f} s.")
    print(f"{'':40}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}{'found':>8}")
    kinds: dict[str, Callable[[], list[str]]] = {
        "words as they come": lambda: library.some(chance.randint(3, 8)),
        "common words only": lambda: chance.sample(library.words[:40], chance.randint(3, 6)),
        "one word": lambda: library.some(1),
    }
    well = True
    for kind, words in kinds.items():
        asked = [" ".join(words()) for _number in range(questions)]
        for name, asker in askers.items():
            well = _measure(f"{kind}, {name}", asker, asked) and well
    return well


def _write_school(library: Any) -> dict[str, Any]:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import CustomUser
    from chatbot.models import Chunk
    from courses.models import Content, Course, Enrollment, Module

    def somebody(name: str, role: str) -> CustomUser:
        return CustomUser.objects.create(email=f"{name}@bench.school", username=name, full_name=name, role=role)

    learner, teacher = somebody("learner", "student"), somebody("teacher", "instructor")
    others, admin = somebody("others", "instructor"), somebody("admin", "admin")
    courses = Course.objects.bulk_create(
        Course(
            instructor=teacher if number < OF_TEACHER else others,
            title=" ".join(library.some(3)).title(),
            is_published=True,
            published_at=timezone.now(),
        )
        for number in range(COURSES)
    )
    modules = Module.objects.bulk_create(Module(course=course, title=" ".join(library.some(2))) for course in courses)
    contents = Content.objects.bulk_create(
        (
            Content(module=module, title=" ".join(library.some(3)), content_type="text", order=order)
            for module in modules
            for order in range(CONTENTS)
        ),
        batch_size=1000,
    )
    for first in range(0, len(contents), 500):
        Chunk.objects.bulk_create(
            _chunk(library, content, order)
            for content in contents[first : first + 500]
            for order in range(1, CHUNKS_A_CONTENT + 1)
        )
    Enrollment.objects.bulk_create(
        Enrollment(user=learner, course=course) for course in library.chance.sample(courses, OF_LEARNER)
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"a learner": learner, "a teacher": teacher, "an admin": admin}


def _chunk(library: Any, content: Any, order: int) -> Any:
    from chatbot.models import Chunk

    words = " ".join(library.some(WORDS_A_CHUNK))
    course = content.module.course
    return Chunk(
        content=content, course=course, source="text", order=order, title=content.title, text=words, words=words,
        title_words=content.title, place_words=f"{course.title} {content.module.title}".lower(),
    )  # fmt: skip


def _measure(name: str, asker: Any, questions: list[str]) -> bool:
    from chatbot.retrieval.selectors import passages_for

    for question in questions[:10]:
        passages_for(user=asker, question=question)
    times, found = [], 0
    for question in questions:
        started = time.perf_counter()
        found += bool(passages_for(user=asker, question=question))
        times.append((time.perf_counter() - started) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    reads_all = _reads_all_chunks(asker, questions[0])
    figures = f"{statistics.median(times):9.1f}{p95:9.1f}{max(times):9.1f}{found / len(questions):8.0%}"
    well = p95 <= TARGET_MS and not reads_all
    print(f"{name:40}{figures}{'' if well else '  MISSED'}{'  reads all chunks' if reads_all else ''}")
    return well


def _reads_all_chunks(asker: Any, question: str) -> bool:
    """Say whether the plan of the statement goes through the whole table; ``SHOW_PLANS=1`` prints it, as it was run."""
    from django.db import connection

    from chatbot.retrieval.selectors import passages_for

    lines: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if not statement.startswith("EXPLAIN"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ANALYZE {statement}", values)
                lines.extend(line for (line,) in cursor.fetchall())
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explain):
        passages_for(user=asker, question=question)
    if os.environ.get("SHOW_PLANS"):
        print(question, "\n".join(lines), sep="\n")
    return "Seq Scan on chatbot_chunk" in "\n".join(lines)


if __name__ == "__main__":
    main()
