"""The recommender benchmark counts what it says: a tiny set whose hit rates are known by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.recommender.measuring import BadRatings, measure, read_ratings

HEADER = "userId,movieId,rating,timestamp"


def ratings(*rows: tuple[str, str, int]) -> list[str]:
    return [HEADER, *(f"{person},{item},4.0,{time}" for person, item, time in rows)]


def two_tastes() -> list[str]:
    """Four people of one taste took a then b, five of another c then d, and two of them hide b and d.

    Twelve items that everybody else took are more popular than any of these, and go with neither.
    """
    rows = [(f"ab{n}", item, time) for n in range(4) for time, item in enumerate(["a", "b", f"last{n}"])]
    rows += [(f"cd{n}", item, time) for n in range(5) for time, item in enumerate(["c", "d", f"end{n}"])]
    rows += [("asks1", "a", 0), ("asks1", "b", 1), ("asks2", "c", 0), ("asks2", "d", 1)]
    crowd = [f"p{n:02}" for n in range(12)]
    rows += [(f"crowd{n}", item, time) for n in range(20) for time, item in enumerate([*crowd, f"own{n}"])]
    return ratings(*rows)


def test_hit_rates_are_those_known_by_hand() -> None:
    measured = measure(read_ratings(two_tastes()))

    # 31 people; what the crowd and the first nine hide is taken by nobody else and can't be found by anything.
    assert (measured.people, measured.popularity, measured.neighbours) == (31, 0, 2)
    assert measured.rate(measured.neighbours) == 2 / 31


def test_popularity_finds_what_most_took() -> None:
    rows = [(f"all{n}", item, time) for n in range(5) for time, item in enumerate(["x", "y"])]
    measured = measure(read_ratings(ratings(*rows, ("one", "z", 0), ("one", "x", 1))))

    # The last of everybody is hidden: x is left with five takers and y with none, so "one" alone finds theirs.
    assert (measured.people, measured.popularity) == (6, 1)


def test_columns_are_found_by_their_names_and_equal_times_keep_the_order_of_lines() -> None:
    lines = ["Timestamp,item_id,rating,USER_ID", "5,b,1,u", "5,c,1,u", "1,a,1,u", "9,a,1,u"]

    assert read_ratings(lines) == {"u": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no column for person"),
        (["userId,rating,timestamp"], "no column for item"),
        ([HEADER, "1,2,3"], "line 2 is no rating"),
        ([HEADER, "1,2,3,yesterday"], "line 2 is no rating"),
    ],
)
def test_a_file_of_something_else_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(BadRatings, match=said):
        read_ratings(lines)


def test_nobody_to_measure_on_is_refused() -> None:
    with pytest.raises(BadRatings, match="nobody took two items"):
        measure(read_ratings(ratings(("u", "a", 0))))


def test_as_it_is_run_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("\n".join(two_tastes()))

    good = run(str(file))
    assert good.returncode == 0
    assert "our neighbours  0.0645  (2 hits)" in good.stdout
    assert "REACHED" in good.stdout

    assert run(str(tmp_path / "absent.csv")).returncode == 2


def run(path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.recommender", path]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
