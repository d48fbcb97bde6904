"""How the questions of a quiz did: item statistics. Pure functions over what a group of learners earned.

The definitions are those of Moodle's quiz report (https://docs.moodle.org/dev/Quiz_statistics_calculations): the
facility index is what was earned of what could be; the discrimination index is the correlation of what each learner
earned by the question with what they earned by the rest of the quiz, so that a question isn't compared with itself
(the corrected item-total correlation).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt
from typing import Any

#: Below it a correlation says more of who happened to come than of the question.
LEAST_LEARNERS = 10
#: Digits behind the point of an index.
_DIGITS = 4
#: A root is taken of whole numbers, finer by two digits than it is told: the same learners give the same figure.
_FINER = 1_000_000


@dataclass(frozen=True, slots=True)
class Graded:
    """One answer of one learner's attempt. ``points`` is None while a person has to grade it."""

    attempt_id: int
    question_id: int
    points: Decimal | None
    response: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One question's statistics over ``n`` graded answers.

    ``facility`` is from 0 (nobody earned anything) to 1, None without answers. ``discrimination`` is from -1
    (whoever is right here is wrong elsewhere) to 1, None below ``LEAST_LEARNERS`` and where either side is the
    same for all. ``chosen`` is how often each option was.
    """

    n: int
    facility: float | None
    discrimination: float | None
    chosen: Mapping[int, int]


def items_of(points: Mapping[int, int], answers: Sequence[Graded]) -> dict[int, Item]:
    """Return the statistics of each question in ``points`` (what it gives at most) from one attempt a learner."""
    to_question: dict[int, list[Graded]] = {id_: [] for id_ in points}
    totals: Counter[int] = Counter()
    for answer in answers:
        if answer.points is not None and answer.question_id in points:
            to_question[answer.question_id].append(answer)
            totals[answer.attempt_id] += _hundredths(answer)
    return {id_: _item(most, to_question[id_], totals) for id_, most in points.items()}


def _item(most: int, answers: Sequence[Graded], totals: Mapping[int, int]) -> Item:
    earned = [_hundredths(answer) for answer in answers]
    rest = [totals[answer.attempt_id] - own for answer, own in zip(answers, earned, strict=True)]
    chosen = Counter(option for answer in answers for option in _options_in(answer.response))
    possible = 100 * most * len(earned)
    facility = min(1.0, round(sum(earned) / possible, _DIGITS)) if possible else None
    return Item(len(earned), facility, correlation(earned, rest) if len(earned) >= LEAST_LEARNERS else None, chosen)


def correlation(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Return Pearson's correlation of two lists of whole numbers, None where one of them doesn't vary."""
    n, sum_first, sum_second = len(first), sum(first), sum(second)
    spread = n * sum(one * one for one in first) - sum_first**2
    spread_second = n * sum(one * one for one in second) - sum_second**2
    if not spread or not spread_second:
        return None
    together = n * sum(one * other for one, other in zip(first, second, strict=True)) - sum_first * sum_second
    squared = _FINER * _FINER * together * together // (spread * spread_second)
    size = round(isqrt(squared) / _FINER, _DIGITS)
    return size if together >= 0 else -size


def _hundredths(answer: Graded) -> int:
    return int(100 * (answer.points or 0))


def _options_in(response: Mapping[str, Any]) -> list[int]:
    """The options that were chosen; what was arranged (pairs, orders) has none."""
    one = response.get("selected_option_id")
    return [one] if one is not None else list(response.get("selected_option_ids") or ())
