"""What a model is to answer with: pydantic shapes, a type of question each, and the drafts they become. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, create_model

from chatbot.generation.bodies import (
    choice_body,
    fill_body,
    matching_body,
    numeric_body,
    ordering_body,
    true_false_body,
)
from chatbot.generation.making import Wanted, Written
from chatbot.providers.offline import language_of

#: More than anybody asks for: what is longer is no answer.
_MOST_DRAFTS, _LONGEST = 100, 20_000
_MOST_LISTED = 50
Text = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class _Quoted(_Shape):
    quote: Annotated[
        str, Field(min_length=1, max_length=_LONGEST, description="copied from the lesson letter by letter")
    ]


class _Question(_Quoted, ABC):
    question_text: Text
    explanation: Annotated[str, Field(max_length=_LONGEST)] = ""

    @abstractmethod
    def body(self, wanted: Wanted) -> dict[str, Any]:
        """Return the draft's body, as the bank takes it."""


class _Option(_Shape):
    option_text: Text
    is_correct: bool


class _Choice(_Question):
    question_type: str
    options: Annotated[list[_Option], Field(min_length=2, max_length=_MOST_LISTED)]

    def body(self, wanted: Wanted) -> dict[str, Any]:
        options = [(option.option_text, option.is_correct) for option in self.options]
        return choice_body(wanted, self.question_type, self.question_text, options, self.explanation)


class MultipleChoice(_Choice):
    question_type: Literal["multiple_choice"]


class MultipleSelect(_Choice):
    question_type: Literal["multiple_select"]


class TrueFalse(_Question):
    question_type: Literal["true_false"]
    is_true: bool

    def body(self, wanted: Wanted) -> dict[str, Any]:
        text = self.question_text
        return true_false_body(
            wanted, text, is_true=self.is_true, language=language_of(text), explanation=self.explanation
        )


class FillInBlank(_Question):
    question_type: Literal["fill_in_blank"]
    accepted_answers: Annotated[list[Text], Field(min_length=1, max_length=_MOST_LISTED)]

    def body(self, wanted: Wanted) -> dict[str, Any]:
        return fill_body(wanted, self.question_text, self.accepted_answers, self.explanation)


class Numeric(_Question):
    question_type: Literal["numeric"]
    number: Annotated[float, Field(allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    def body(self, wanted: Wanted) -> dict[str, Any]:
        number, tolerance = Decimal(str(self.number)), Decimal(str(self.tolerance))
        return numeric_body(wanted, self.question_text, number, tolerance, self.explanation)


class _Pair(_Shape):
    left: Text
    right: Text


class Matching(_Question):
    question_type: Literal["matching"]
    pairs: Annotated[list[_Pair], Field(min_length=2, max_length=_MOST_LISTED)]

    def body(self, wanted: Wanted) -> dict[str, Any]:
        pairs = [(pair.left, pair.right) for pair in self.pairs]
        return matching_body(wanted, self.question_text, pairs, self.explanation)


class Ordering(_Question):
    question_type: Literal["ordering"]
    in_right_order: Annotated[list[Text], Field(min_length=2, max_length=_MOST_LISTED)]

    def body(self, wanted: Wanted) -> dict[str, Any]:
        return ordering_body(wanted, self.question_text, self.in_right_order, self.explanation)


class Summary(_Quoted):
    text: Text


class Card(_Quoted):
    front: Text
    back: Text


class Cards(_Shape):
    cards: Annotated[list[Card], Field(max_length=_MOST_DRAFTS)]


_QUESTIONS: dict[str, type[_Question]] = {
    "multiple_choice": MultipleChoice,
    "multiple_select": MultipleSelect,
    "true_false": TrueFalse,
    "fill_in_blank": FillInBlank,
    "numeric": Numeric,
    "matching": Matching,
    "ordering": Ordering,
}
#: Every type that can be graded without a person.
QUESTION_TYPES = tuple(_QUESTIONS)


def shape_for(wanted: Wanted) -> type[BaseModel]:
    """Return the shape of an answer that holds what is wanted, and no other type of question."""
    if wanted.kind == "summary":
        return Summary
    if wanted.kind == "flashcards":
        return Cards
    return _questions_of(tuple(kind for kind in QUESTION_TYPES if kind in (wanted.question_types or QUESTION_TYPES)))


@cache
def _questions_of(types: tuple[str, ...]) -> type[BaseModel]:
    one: Any = Union[tuple(_QUESTIONS[kind] for kind in types)]  # noqa: UP007  # of values, not of names
    if len(types) > 1:
        one = Annotated[one, Field(discriminator="question_type")]
    listed: Any = (Annotated[list[one], Field(max_length=_MOST_DRAFTS)], ...)
    return create_model("Questions", questions=listed)


def drafts_in(answer: BaseModel, wanted: Wanted) -> list[Written]:
    """Return the drafts that an answer of ``shape_for(wanted)`` holds, in its order."""
    if isinstance(answer, Summary):
        return [Written({"text": answer.text}, answer.quote)]
    if isinstance(answer, Cards):
        return [Written({"front": card.front, "back": card.back}, card.quote) for card in answer.cards]
    questions: Sequence[_Question] = answer.questions  # type: ignore[attr-defined]  # a made model's
    return [Written(question.body(wanted), question.quote) for question in questions]
