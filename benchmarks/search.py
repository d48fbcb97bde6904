"""Measure search over 20,000 contents with typing errors on PostgreSQL, and look at its plans.

    python benchmarks/search.py [--database postgres://user@host/name] [--searches 200]

Each caller asks the search service itself, in this process, without HTTP: its statements, what comes of
them, and the excerpts. A database of the run's own is made and dropped. A plan that reads a big table
whole, or a p95 above the target, ends the run with a status of 1.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import os
import random
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.in_process import set_up_on

TARGET_MS = 60
#: What is searched. People and enrolments are few here: whose they are is sooner asked by reading them.
BIG = (
    "courses_course", "courses_module", "courses_content",
    "courses_contentdocument", "courses_searchdocument", "courses_searchterm",
)  # fmt: skip


def main() -> None:
    asked = _arguments()
    with set_up_on(asked.database):
        well = _measure_all(asked.searches)
    sys.exit(0 if well else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure misspelt searches over 20,000 contents.")
    parser.add_argument(
        "--database",
        default="postgres://postgres@127.0.0.1:5432/el_bench_search",
        help="a PostgreSQL server, and the name of a database to make there and drop (default: %(default)s)",
    )
    parser.add_argument("--searches", type=int, default=200, help="of each kind and caller (%(default)s)")
    return parser.parse_args()


def _measure_all(searches: int) -> bool:
    from django.contrib.auth.models import AnonymousUser

    from benchmarks.library import write_library
    from courses.models import Content, SearchTerm

    chance = random.Random("search")
    started = time.perf_counter()
    callers: dict[str, Any] = {"nobody": AnonymousUser(), **write_library(chance)}
    took = time.perf_counter() - started
    print(f"{Content.objects.count()} contents and {SearchTerm.objects.count()} words, written in {took:.0f} s.")
    well = True
    print(f"{'':44}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}{'found':>8}")
    for kind, make in _kinds().items():
        questions = make(chance, searches)
        for name, caller in callers.items():
            well = _measure(f"{kind}, {name}", caller, questions) and well
    return well


def _kinds() -> dict[str, Callable[[random.Random, int], list[str]]]:
    """Return what is asked: made from titles and texts that are there, by a list of so many."""
    from benchmarks.library import misspelt
    from courses.models import Content

    contents = Content.objects.order_by("pk")
    rows = list(contents.values_list("title", "module__course__title"))
    previews = list(contents.filter(is_preview=True).values_list("text_html", flat=True))

    def words(text: str) -> list[str]:
        return [word for word in re.findall(r"[a-z]{4,}", text.lower()) if word != "lesson"]

    def titles(chance: random.Random, count: int) -> list[str]:
        chosen = chance.sample(rows, count)
        return [" ".join(misspelt(word, chance) for word in words(row[chance.randrange(2)])[:3]) for row in chosen]

    def texts(chance: random.Random, count: int) -> list[str]:
        chosen = chance.sample(previews, count)
        return [" ".join(misspelt(word, chance) for word in chance.sample(words(text), 2)) for text in chosen]

    def common(chance: random.Random, count: int) -> list[str]:
        return [f"{misspelt('lesson', chance)} {misspelt('practice', chance)}" for _number in range(count)]

    def beginnings(chance: random.Random, count: int) -> list[str]:
        return [chance.choice(words(row[0]))[:3] for row in chance.sample(rows, count)]

    return {
        "misspelt titles": titles,
        "misspelt texts": texts,
        "misspelt words of every title": common,
        "the first three letters": beginnings,
    }


def _measure(name: str, caller: Any, questions: list[str]) -> bool:
    from django.utils import timezone

    from courses.search_page import SearchQuery, search_page

    def ask(typed: str) -> dict[str, Any]:
        return search_page(user=caller, query=SearchQuery(typed=typed), at=timezone.now())

    for typed in questions[:10]:
        ask(typed)
    times, found = [], 0
    for typed in questions:
        started = time.perf_counter()
        answer = ask(typed)
        times.append((time.perf_counter() - started) * 1000)
        found += bool(answer["courses"] or answer["contents"])
    p95 = statistics.quantiles(times, n=20)[-1]
    whole = _tables_read_whole(lambda: ask(questions[0]))
    verdict = f"  reads whole: {', '.join(sorted(whole))}" if whole else ""
    figures = f"{statistics.median(times):9.1f}{p95:9.1f}{max(times):9.1f}{found / len(questions):8.0%}"
    print(f"{name:44}{figures}{'' if p95 <= TARGET_MS else '  MISSED'}{verdict}")
    return p95 <= TARGET_MS and not whole


def _tables_read_whole(search: Callable[[], object]) -> set[str]:
    """Return the big tables that a plan of the search's statements reads from end to end."""
    from django.db import connection

    plans: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if context["cursor"].cursor is not None and not statement.startswith("EXPLAIN"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {statement}", values)
                plans.extend(line for (line,) in cursor.fetchall())
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explain):
        search()
    if os.environ.get("SHOW_PLANS"):
        print("\n".join(plans))
    read = re.findall(r"Seq Scan on (\w+)", "\n".join(plans))
    return set(read) & set(BIG)


if __name__ == "__main__":
    main()
