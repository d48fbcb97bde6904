"""Leave-last-out: of each person the last item is hidden, and looked for among ten that are recommended. Pure."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chatbot.recommendations.neighbours import Neighbour, Taking, nearest_to, neighbours_of

LOOKED_AT = 10
_NAMES = {
    "person": ("userid", "user_id", "user"),
    "item": ("movieid", "movie_id", "itemid", "item_id", "item", "courseid", "course_id"),
    "time": ("timestamp", "time"),
}


class BadRatings(Exception):
    """The file can't be measured on; the message says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of ``people``, how many found their last item among ``LOOKED_AT`` by each way."""

    people: int
    popularity: int
    neighbours: int

    @property
    def is_reached(self) -> bool:
        return self.neighbours >= self.popularity

    def rate(self, hits: int) -> float:
        return hits / self.people


def read_ratings(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return what each person took, in the order of the times and at the same time of the lines; each item once.

    The header names the columns, in any order and letter case; how somebody rated an item doesn't matter.
    """
    rows = csv.reader(lines)
    header = [name.strip().lower() for name in next(rows, [])]
    person, item, time = (_place(header, wanted) for wanted in ("person", "item", "time"))
    taken: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        try:
            taken[row[person]].append((float(row[time]), row[item]))
        except (IndexError, ValueError) as error:
            raise BadRatings(f"line {number} is no rating: {row}") from error
    return {
        who: list(dict.fromkeys(item for _time, item in sorted(row, key=lambda one: one[0])))
        for who, row in taken.items()
    }


def measure(taken: Mapping[str, Sequence[str]]) -> Measured:
    """Measure both ways on everybody who took two items or more; refuses where nobody did."""
    number = {item: place for place, item in enumerate(sorted({item for row in taken.values() for item in row}))}
    hidden = {who: number[row[-1]] for who, row in taken.items() if len(row) > 1}
    if not hidden:
        raise BadRatings("nobody took two items")
    known = {who: [number[item] for item in (row[:-1] if who in hidden else row)] for who, row in taken.items()}
    times = Counter(item for row in known.values() for item in row)
    popular = sorted(times, key=lambda item: (-times[item], item))
    neighbours = dict(neighbours_of(Taking(person, item) for person, row in enumerate(known.values()) for item in row))
    hits: Counter[str] = Counter()
    for who, last in hidden.items():
        hits["popularity"] += last in _first(popular, known[who])
        hits["neighbours"] += last in _first(_recommended(known[who], neighbours, popular), known[who])
    return Measured(len(hidden), hits["popularity"], hits["neighbours"])


def _place(header: Sequence[str], wanted: str) -> int:
    for name in _NAMES[wanted]:
        if name in header:
            return header.index(name)
    raise BadRatings(f"no column for {wanted}: one of {', '.join(_NAMES[wanted])}")


def _recommended(
    known: Sequence[int], neighbours: Mapping[int, Sequence[Neighbour]], popular: Sequence[int]
) -> Iterator[int]:
    """As learners get it: what is like what they took, then what is popular."""
    near = dict(nearest_to(known, neighbours))
    yield from near
    yield from (item for item in popular if item not in near)


def _first(items: Iterable[int], known: Sequence[int]) -> set[int]:
    """Return the first few of ``items`` that the person has not taken."""
    seen = set(known)
    return set(islice((item for item in items if item not in seen), LOOKED_AT))
