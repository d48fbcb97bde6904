"""What those who took one thing took as well: item to item, from who took what. Pure functions.

How alike two items are is the cosine of their takers, each person's takings first scaled to unit length, so that
somebody who took everything says little of any pair (Deshpande and Karypis, "Item-based top-N recommendation
algorithms", ACM TOIS 22(1), 2004, section 4). Pairs that few have are shrunk towards nothing: the cosine is multiplied
by n / (n + SHRINKAGE), n being how many have both (Bell and Koren, "Improved neighborhood-based collaborative
filtering", KDD Cup 2007).
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from math import sqrt
from typing import NamedTuple

#: A pair that fewer people have says something of these people: it is not kept.
FEWEST_TOGETHER = 3
#: So many neighbours are kept of an item.
MOST_NEIGHBOURS = 50
#: A pair that so many have counts half of what its cosine says.
SHRINKAGE = 5.0


class Taking(NamedTuple):
    """That a person took an item. ``weight`` is above 0; taken twice, the greater counts."""

    person: int
    item: int
    weight: float = 1.0


class Neighbour(NamedTuple):
    """``score`` is above 0 and below 1; ``together`` is how many people have both."""

    item: int
    score: float
    together: int


def neighbours_of(
    takings: Iterable[Taking], *, among: Container[int] | None = None
) -> Iterator[tuple[int, list[Neighbour]]]:
    """Yield each item that has any with its neighbours, nearest first, then by id; items in the order of their ids.

    ``among``: nothing else is a neighbour, though it may have some. Takes time in the sum of the squares of how much
    each person took, and memory in the number of takings.
    """
    taken = _unit_rows(takings)
    takers: dict[int, list[int]] = defaultdict(list)
    for person, row in taken.items():
        for item in row:
            takers[item].append(person)
    # In the order of people, so that the same takings give the same sums to the last digit.
    lengths = {
        item: sqrt(sum(taken[person][item] ** 2 for person in sorted(people))) for item, people in takers.items()
    }
    _leave_out(taken, {item for item, people in takers.items() if len(people) < FEWEST_TOGETHER})
    for item in sorted(takers):
        if len(takers[item]) >= FEWEST_TOGETHER:
            found = _nearest(item, [taken[person] for person in sorted(takers[item])], lengths, among)
            if found:
                yield item, found


def nearest_to(taken: Iterable[int], neighbours: Mapping[int, Sequence[Neighbour]]) -> list[tuple[int, int]]:
    """Return items that are not in ``taken``, the likeliest next first, each with the one of ``taken`` it is most like.

    How likely is the sum of how alike it is to each that was taken.
    """
    known = set(taken)
    sums: dict[int, float] = defaultdict(float)
    because: dict[int, tuple[float, int]] = {}
    for item in sorted(known):
        for neighbour in neighbours.get(item, ()):
            if neighbour.item not in known:
                sums[neighbour.item] += neighbour.score
                because[neighbour.item] = max(because.get(neighbour.item, (0.0, 0)), (neighbour.score, item))
    return [(item, because[item][1]) for item in sorted(sums, key=lambda item: (-sums[item], item))]


def _unit_rows(takings: Iterable[Taking]) -> dict[int, dict[int, float]]:
    """Return what each person took, the weights scaled so that their squares sum up to 1."""
    taken: dict[int, dict[int, float]] = defaultdict(dict)
    for person, item, weight in takings:
        row = taken[person]
        row[item] = max(weight, row.get(item, 0.0))
    for row in taken.values():
        length = sqrt(sum(weight * weight for weight in sorted(row.values())))
        for item in row:
            row[item] /= length
    return taken


def _leave_out(taken: dict[int, dict[int, float]], rare: set[int]) -> None:
    """Take out of the rows what can be nobody's neighbour: of a long tail it is most of the work."""
    for row in taken.values():
        for item in rare.intersection(row):
            del row[item]


def _nearest(
    item: int, rows: Sequence[Mapping[int, float]], lengths: Mapping[int, float], among: Container[int] | None
) -> list[Neighbour]:
    together: Counter[int] = Counter()
    products: dict[int, float] = defaultdict(float)
    for row in rows:
        together.update(row.keys())
        own = row[item]
        for other, weight in row.items():
            products[other] += own * weight
    found = (
        Neighbour(other, products[other] / (lengths[item] * lengths[other]) * n / (n + SHRINKAGE), n)
        for other, n in together.items()
        if n >= FEWEST_TOGETHER and other != item and (among is None or other in among)
    )
    return nlargest(MOST_NEIGHBOURS, found, key=lambda neighbour: (neighbour.score, -neighbour.item))
