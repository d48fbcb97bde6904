"""An attempt's layout, the reading of answers to it, and their grading. Pure functions."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.assessment.kinds import (
    RESPONSE_FIELDS,
    Malformed,
    Response,
    RightAnswer,
    ShownOption,
    ShownQuestion,
    kind_of,
)
from e_learning.core.api.errors import InvalidInput

Layout = dict[str, list[ShownQuestion]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a learner may see of questions, by id: ``id, question_text, question_type, points``; and their options."""

    questions: Mapping[int, dict[str, Any]]
    options: Mapping[int, Sequence[ShownOption]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """One answer after the attempt has closed. ``is_correct`` is None while a person has to grade it.

    ``feedback`` is what that person said of it.
    """

    question_id: int
    response: Response
    is_correct: bool | None
    points_earned: Decimal
    correct: Mapping[str, Any] | None
    explanation: str
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """``percent`` with one decimal, half up. ``passed`` is None where there is nothing to pass: of an assessment."""

    percent: Decimal
    points_earned: Decimal
    points_total: int
    passed: bool | None


def lay_out(shown: Shown, rng: random.Random) -> Layout:
    """Return a new attempt's layout: questions in their author's order, options shuffled where order would tell."""
    return {
        "questions": [
            {
                "id": question_id,
                "type": row["question_type"],
                "parts": kind_of(row["question_type"]).parts(shown.options.get(question_id, ()), rng),
            }
            for question_id, row in shown.questions.items()
        ]
    }


def question_ids(layout: Layout) -> list[int]:
    return [question["id"] for question in layout.get("questions", [])]


def read_answers(layout: Layout, answers: Iterable[Mapping[str, Any]]) -> dict[int, Response]:
    """Return the responses by question as they are to be kept; an answer that holds nothing takes back a saved one.

    Refuses (400) a question that was not asked in this attempt or is answered twice, options of other
    questions, and responses of another shape than the question's. A wrong answer is none of these.
    """
    asked = {question["id"]: question for question in layout.get("questions", [])}
    responses: dict[int, Response] = {}
    for place, answer in enumerate(answers):
        question = asked.get(answer["question_id"])
        if question is None:
            raise InvalidInput(
                _("This attempt has no such question."), code="unknown_question", attr=f"answers.{place}.question_id"
            )
        if question["id"] in responses:
            raise InvalidInput(_("Answered twice."), code="answered_twice", attr=f"answers.{place}.question_id")
        responses[question["id"]] = _read_one(question, answer, place)
    return responses


def _read_one(question: ShownQuestion, answer: Mapping[str, Any], place: int) -> Response:
    kind = kind_of(question["type"])
    given = {name: answer[name] for name in RESPONSE_FIELDS if answer.get(name) is not None}
    for name in given:
        if name != kind.answers_with:
            raise Malformed(attr=f"answers.{place}.{name}")
    if not given:
        return {}
    try:
        return {kind.answers_with: kind.read(given[kind.answers_with], question["parts"])}
    except Malformed as error:
        raise Malformed(error.message, attr=f"answers.{place}.{kind.answers_with}") from error


def graded(answer: RightAnswer, response: Response) -> GradedAnswer:
    """Grade one kept response: all of the question's points, or none."""
    question = answer.question
    kind = kind_of(question.question_type)
    is_correct = kind.grade(response, answer)
    return GradedAnswer(
        question_id=question.pk,
        response=response,
        is_correct=is_correct,
        points_earned=Decimal(question.points if is_correct else 0),
        correct=kind.correct(answer),
        explanation=answer.key.explanation,
    )


def score_of(*, points_earned: Decimal, points_total: int, passing_score: int | None) -> Score:
    """Return the score that ``passing_score`` percent is measured by. Where there is nothing to earn nobody passes."""
    percent = Decimal(0)
    if points_total:
        percent = (100 * points_earned / points_total).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    passed = None if passing_score is None else bool(points_total) and percent >= passing_score
    return Score(percent, points_earned, points_total, passed)
