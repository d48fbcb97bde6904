"""What must not be seen of a question before its time: one of every type, a canary in each field of its key.

A canary is a text or number that stands nowhere else, another one for each field of each type, so that one
that is found says what leaked. What marks an option as right has no words of its own: ``turn_keys`` makes
another answer right, and whoever may not see the key must not see that anything changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from courses.assessment.kinds import KINDS, OptionDraft, PairDraft, QuestionDraft
from courses.models import AnswerKey, Question, QuestionOption, Quiz

#: What every canary in words begins with; to be searched for by those who may not find it.
BIRD = "zwitscherkanari"
#: Columns of questions and options that learners are shown, and those that say what is right. A new column is
#: in neither until somebody decides.
SHOWN_COLUMNS = {"id", "quiz", "question", "question_text", "question_type", "points", "option_text", "side"}
AUTHORS_COLUMNS = {"order", "difficulty", "topic", "external_id"}
KEY_COLUMNS = {"is_correct", "match", "explanation", "accepted_answers", "number", "tolerance"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A question of one type, and what of its key can be found as text wherever it is shown."""

    draft: QuestionDraft
    canaries: tuple[str, ...]
    #: The column of its options that says what is right, if that is where it stands.
    marked_by: str = ""
    columns: frozenset[str] = field(default=frozenset())


def canary(question_type: str, column: str) -> str:
    """Letters only, so that it reads the same in JSON, in HTML and in an address."""
    return f"{BIRD}{question_type}{column}".replace("_", "")


def _recipe(question_type: str, text: str, *, marked_by: str = "", key: Iterable[str] = (), **fields: Any) -> Recipe:
    explanation = canary(question_type, "explanation")
    draft = QuestionDraft(text, question_type, topic="Letters", explanation=f"Because of {explanation}.", **fields)
    columns = {"explanation", marked_by, *(name for name in KEY_COLUMNS if fields.get(name))} - {""}
    return Recipe(draft, (explanation, *key), marked_by, frozenset(columns))


def _options(*texts: str) -> list[OptionDraft]:
    """Options in order; those marked with ``!`` are right."""
    return [OptionDraft(text.rstrip("!"), is_correct=text.endswith("!")) for text in texts]


_WORDS = [canary("fill_in_blank", "word"), canary("fill_in_blank", "other")]
_NUMBER, _TOLERANCE = "31415926.5", "0.2718281"
RECIPES: dict[str, Recipe] = {
    recipe.draft.question_type: recipe
    for recipe in (
        _recipe("multiple_choice", "Pick one", options=_options("no", "yes!", "nor"), marked_by="is_correct"),
        _recipe("multiple_select", "Pick some", options=_options("no", "yes!", "too!", "nor"), marked_by="is_correct"),
        _recipe("true_false", "Is it?", options=_options("True!", "False"), marked_by="is_correct"),
        _recipe("fill_in_blank", "Say it", accepted_answers=_WORDS, key=_WORDS),
        _recipe(
            "numeric", "How much?", number=Decimal(_NUMBER), tolerance=Decimal(_TOLERANCE), key=[_NUMBER, _TOLERANCE]
        ),
        _recipe("matching", "Pair them", pairs=[PairDraft(f"l{i}", f"r{i}") for i in range(5)], marked_by="match"),
        _recipe("ordering", "Order them", options=[OptionDraft(f"step {i}") for i in range(5)], marked_by="order"),
        _recipe("essay", "Tell us", points=3),
    )
}
CANARIES = tuple(text for recipe in RECIPES.values() for text in recipe.canaries)


def complaints_about(question_types: Iterable[str]) -> list[str]:
    """Say what is missing before questions of these types may be asked; nothing where all is there."""
    said = []
    for name in question_types:
        if name not in KINDS:
            said.append(f"{name}: no kind in courses/assessment/kinds/ asks and grades it")
        if name not in RECIPES:
            said.append(f"{name}: no recipe in tests/canaries.py hides canaries in its key")
    return said


def hidden_columns() -> set[str]:
    """Every column of questions, options and keys that no learner is shown."""
    columns = {column.name for model in (Question, QuestionOption, AnswerKey) for column in model._meta.fields}
    return columns - SHOWN_COLUMNS - AUTHORS_COLUMNS


def turn_keys(quiz: Quiz) -> None:
    """Make another answer right to every question, in the rows and in nothing else."""
    for question in Question.objects.filter(quiz=quiz):
        column = RECIPES[question.question_type].marked_by
        rows = QuestionOption.objects.filter(question=question).exclude(side="right").order_by("id")
        if column:
            _turned(list(rows), {"match": "match_id"}.get(column, column))
    AnswerKey.objects.filter(question__quiz=quiz).update(
        explanation="Because.", accepted_answers=["another"], number=Decimal(7), tolerance=Decimal(1)
    )


def _turned(rows: list[QuestionOption], column: str) -> None:
    marks = [getattr(row, column) for row in rows]
    for row, mark in zip(rows, marks[1:] + marks[:1], strict=True):
        setattr(row, column, mark)
    QuestionOption.objects.bulk_update(rows, [column.removesuffix("_id")])


def canaries_in(text: str) -> list[str]:
    return [one for one in CANARIES if one in text]
