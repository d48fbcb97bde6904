"""Which items go together: a case worked out by hand, and what holds of any takings."""

import random
from math import isclose, sqrt

from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.recommendations.neighbours import (
    FEWEST_TOGETHER,
    MOST_NEIGHBOURS,
    Neighbour,
    Taking,
    nearest_to,
    neighbours_of,
)
from tests.thorough import times

TAKINGS = st.lists(st.builds(Taking, st.integers(1, 12), st.integers(1, 8), st.sampled_from([1.0, 2.0])), max_size=80)


def took(*rows: tuple[int, int]) -> list[Taking]:
    return [Taking(person, item) for person, item in rows]


def test_a_case_worked_out_by_hand() -> None:
    # Three took 1 and 2, one of them 3 as well, a fourth 1 alone. Rows of two count 1/√2 each, of three 1/√3.
    takings = took((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 1))
    product = 1 / 2 + 1 / 2 + 1 / 3
    length_of_1, length_of_2 = sqrt(1 / 2 + 1 / 2 + 1 / 3 + 1), sqrt(1 / 2 + 1 / 2 + 1 / 3)
    expected = product / (length_of_1 * length_of_2) * 3 / (3 + 5)

    found = dict(neighbours_of(takings))

    assert set(found) == {1, 2}
    [of_1], [of_2] = found[1], found[2]
    assert (of_1.item, of_1.together, of_2.item) == (2, 3, 1)
    assert isclose(of_1.score, expected)
    assert isclose(of_2.score, expected)
    assert isclose(expected, 0.283473, abs_tol=1e-6)


def test_who_took_everything_says_little() -> None:
    few = took(*[(person, item) for person in (1, 2, 3) for item in (1, 2)])
    busy = took(*[(person, item) for person in (4, 5, 6) for item in (1, *range(3, 40))])

    nearest = dict(neighbours_of([*few, *busy]))[1]

    assert nearest[0].item == 2
    assert nearest[0].score > 2 * nearest[1].score


def test_taken_twice_is_taken_once_with_the_greater_weight() -> None:
    pairs = [(person, item) for person in (1, 2, 3) for item in (1, 2)]
    once = [Taking(person, item, 2.0 if item == 1 else 1.0) for person, item in pairs]

    assert dict(neighbours_of([*once, *took(*pairs)])) == dict(neighbours_of(once))


def test_only_those_among_are_neighbours() -> None:
    takings = took(*[(person, item) for person in (1, 2, 3) for item in (1, 2, 3)])

    found = {item: [one.item for one in near] for item, near in neighbours_of(takings, among={2})}

    assert found == {1: [2], 3: [2]}


def test_so_many_are_kept_and_of_equals_the_first_by_id() -> None:
    takings = took(*[(person, item) for person in (1, 2, 3) for item in range(1, MOST_NEIGHBOURS + 10)])

    found = dict(neighbours_of(takings))

    assert [one.item for one in found[1]] == list(range(2, MOST_NEIGHBOURS + 2))


def test_what_comes_next_is_what_is_like_most_of_what_was_taken() -> None:
    neighbours = {
        1: [Neighbour(3, 0.5, 3), Neighbour(4, 0.4, 3), Neighbour(2, 0.9, 3)],
        2: [Neighbour(4, 0.3, 3), Neighbour(5, 0.1, 3)],
    }

    assert nearest_to([1, 2], neighbours) == [(4, 1), (3, 1), (5, 2)]
    assert nearest_to([2, 4], neighbours) == [(5, 2)]
    assert nearest_to([], neighbours) == []


@given(TAKINGS)
@settings(max_examples=times(500, few=150))
def test_what_holds_of_any_takings(takings: list[Taking]) -> None:
    taken: dict[int, set[int]] = {}
    for one in takings:
        taken.setdefault(one.item, set()).add(one.person)

    found = dict(neighbours_of(takings))
    pairs = {(item, one.item): one for item, near in found.items() for one in near}

    together = {(a, b): len(taken[a] & taken[b]) for a in taken for b in taken if a != b}
    assert {pair: one.together for pair, one in pairs.items()} == {
        pair: n for pair, n in together.items() if n >= FEWEST_TOGETHER
    }
    for (item, other), near_one in pairs.items():
        assert isclose(near_one.score, pairs[other, item].score)
        assert 0 < near_one.score < 1
    for near in found.values():
        assert near == sorted(near, key=lambda one: (-one.score, one.item))


@given(TAKINGS, st.integers())
@settings(max_examples=times(200, few=50))
def test_the_order_of_takings_changes_nothing(takings: list[Taking], seed: int) -> None:
    shuffled = random.Random(seed).sample(takings, len(takings))

    found, again = dict(neighbours_of(takings)), dict(neighbours_of(shuffled))

    assert found.keys() == again.keys()
    for item, near in found.items():
        scores = {one.item: one.score for one in again[item]}
        assert scores.keys() == {one.item for one in near}
        assert all(isclose(one.score, scores[one.item]) for one in near)
