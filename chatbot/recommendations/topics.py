"""Strengths and weaknesses by topic, from graded answers. Pure functions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from courses.api import ToldAnswer

#: Of fewer answers nothing is said of a topic.
FEWEST_ANSWERS = 3
STRONG_PERCENT = 80.0
WEAK_PERCENT = 60.0
#: Weights are whole numbers, so that the same answers in any order give the same percent; so often one is halved.
_HALVINGS = 30
_WHOLE = 1 << _HALVINGS
STRONG, WEAK, UNSURE = "strong", "weak", "unsure"


@dataclass(frozen=True, slots=True)
class Topic:
    """How somebody does in a topic. ``percent`` is of what is right, the latest answers counting most.

    ``course_id`` is there where the topic is a module's title: in another course that would be another topic.
    ``level``: ``strong`` from 80 percent on, ``weak`` below 60, ``unsure`` between, and with fewer than three answers.
    """

    topic: str
    course_id: int | None
    answered: int
    right: int
    percent: float
    level: str


@dataclass(slots=True)
class _Count:
    """``reached`` and ``possible`` are in shares of ``_WHOLE``."""

    name: str
    answered: int = 0
    right: int = 0
    possible: int = 0
    reached: int = 0


_Key = tuple[str, int | None]


def topics_of(answers: Iterable[ToldAnswer]) -> list[Topic]:
    """Return the topics of ``answers``, which come latest first: the weakest first, then by name.

    Of the answers to one question the latest counts whole, the one before it half, then a quarter and so on: who has
    learnt it since is not held to what they didn't know. Topics that differ by letter case are one.
    """
    counted: dict[_Key, _Count] = {}
    times: Counter[int] = Counter()
    for answer in answers:
        name, course_id = answer.topic.strip(), answer.course_id if answer.is_module else None
        count = counted.setdefault((name.casefold(), course_id), _Count(name))
        weight = _WHOLE >> min(times[answer.question_id], _HALVINGS)
        times[answer.question_id] += 1
        count.answered += 1
        count.right += answer.is_correct
        count.possible += weight
        count.reached += weight * answer.is_correct
    topics = [_topic(course_id, count) for (_name, course_id), count in counted.items()]
    return sorted(topics, key=lambda topic: (topic.percent, topic.topic.casefold(), topic.course_id or 0))


def wrong_now(answers: Iterable[ToldAnswer]) -> list[ToldAnswer]:
    """Return the latest answer to each question where that is wrong, the latest first. ``answers`` come so."""
    seen: set[int] = set()
    wrong = []
    for answer in answers:
        if answer.question_id not in seen and not answer.is_correct:
            wrong.append(answer)
        seen.add(answer.question_id)
    return wrong


def _topic(course_id: int | None, count: _Count) -> Topic:
    percent = 100 * count.reached / count.possible
    level = UNSURE
    if count.answered >= FEWEST_ANSWERS:
        level = STRONG if percent >= STRONG_PERCENT else WEAK if percent < WEAK_PERCENT else UNSURE
    return Topic(count.name, course_id, count.answered, count.right, round(percent, 1), level)
