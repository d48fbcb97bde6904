"""Measure what "similar learners took" is worth, against what is popular, on ratings of real people.

    python -m benchmarks.recommender RATINGS.csv

A CSV file with a header as MovieLens has it (userId, movieId, rating, timestamp). Of each person the last item is
hidden; the hit rate at ten is how often it is among the first ten that are recommended. Fewer hits than by popularity
end the run with a status of 1, a file that can't be measured on with 2.
"""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.recommender.measuring import LOOKED_AT, BadRatings, Measured, measure, read_ratings


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure item-to-item recommendations against popularity.")
    parser.add_argument("ratings", type=Path, help="a CSV file: userId, movieId, rating, timestamp")
    path = parser.parse_args().ratings
    began = time.monotonic()
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            measured = measure(read_ratings(lines))
    except (BadRatings, OSError, UnicodeDecodeError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    _report(measured, seconds=time.monotonic() - began)
    return 0 if measured.is_reached else 1


def _report(measured: Measured, *, seconds: float) -> None:
    print(f"{measured.people} people, their last item among {LOOKED_AT}; {seconds:.1f} s")
    for name, hits in (("popularity", measured.popularity), ("our neighbours", measured.neighbours)):
        print(f"{name:16}{measured.rate(hits):.4f}  ({hits} hits)")
    if measured.popularity:
        print(f"{'ratio':16}{measured.neighbours / measured.popularity:.2f}")
    print("REACHED" if measured.is_reached else "MISSED", "(at least as many hits as by popularity)")


if __name__ == "__main__":
    sys.exit(main())
