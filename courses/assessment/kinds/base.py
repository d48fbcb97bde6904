"""What every kind of question is made of: a draft from its author, a layout for its learner, a key for its grader.

A kind is pure: it reads and returns values, and touches no table. What is drafted comes validated for
its form by the serializer or the importer; a kind checks what only it can know.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, TypedDict

from django.utils.translation import gettext_lazy as _

from courses.assessment.models import AnswerKey, Question, QuestionOption, QuestionType
from e_learning.core.api.errors import InvalidInput, Message

MOST_OPTIONS = 50
LONGEST_OPTION = 1000
#: An answer as it is kept and graded: one entry, named like the field it came in; empty where nothing was answered.
Response = dict[str, Any]
#: Ids in the order in which a learner is shown them, by where they stand: ``options``, ``left``, ``right``.
Parts = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class OptionDraft:
    option_text: str
    is_correct: bool = False
    order: int | None = None


@dataclass(frozen=True, slots=True)
class PairDraft:
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question as its author writes it. Which of the last five fields may be filled depends on ``question_type``.

    ``options`` of an ordering question stand in the right order. ``tolerance`` is absolute, both ends included.
    """

    question_text: str
    question_type: str
    points: int = 1
    order: int | None = None
    difficulty: str = Question.Difficulty.MEDIUM
    topic: str = ""
    explanation: str = ""
    external_id: str = ""
    options: Sequence[OptionDraft] = ()
    accepted_answers: Sequence[str] = ()
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    pairs: Sequence[PairDraft] = ()


class ShownOption(NamedTuple):
    """All of an option that a learner's query may name (see ``QuestionOption``)."""

    id: int
    question_id: int
    option_text: str
    side: str


class ShownQuestion(TypedDict):
    """One question in an attempt's layout."""

    id: int
    type: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What is right for one question: its key and its options, whole. Only graders and authors hold one."""

    question: Question
    options: Sequence[QuestionOption] = ()

    @property
    def key(self) -> AnswerKey:
        """A question without a key row has no explanation, and nothing that is right by word or number."""
        return getattr(self.question, "key", None) or AnswerKey()

    def on(self, side: str) -> list[QuestionOption]:
        return [option for option in self.options if option.side == side]


class Malformed(InvalidInput):
    """400: the answer can't be one to this question. ``attr`` is the field, told by the caller which answer."""

    code = "malformed_answer"
    message = _("This can't be an answer to this question.")


class Kind:
    """One type of question. ``answers_with`` is the field of an answer that holds the response to it."""

    question_type: ClassVar[QuestionType]
    answers_with: ClassVar[str]
    #: What its author fills in besides the common fields.
    authored_fields: ClassVar[frozenset[str]]
    #: Whether ids, which grow as rows are inserted, could tell what is right.
    ids_could_tell: ClassVar[bool] = False

    def check(self, draft: QuestionDraft) -> None:
        """Refuse (400) a draft that could not be asked or graded."""
        raise NotImplementedError

    def rows(self, draft: QuestionDraft) -> list[QuestionOption]:
        """Return the options to be stored, unsaved and in their author's order; rights of pairs before lefts."""
        return []

    def parts(self, options: Sequence[ShownOption], rng: random.Random) -> Parts:
        """Lay the options out for one learner, shuffled where an order would tell."""
        return {}

    def read(self, value: Any, parts: Parts) -> Any:
        """Return what to keep of a response to the question as it was laid out; ``Malformed`` for what can't be one."""
        raise NotImplementedError

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        """Say whether what was kept of a response is right. All or nothing."""
        raise NotImplementedError

    def grade(self, response: Response, answer: RightAnswer) -> bool | None:
        """Grade a kept response; None where a person has to. What was left open is wrong."""
        value = response.get(self.answers_with)
        return value is not None and self.is_right(value, answer)

    def correct(self, answer: RightAnswer) -> Mapping[str, Any] | None:
        """Return what would have been right, in the shape of a response where it has one."""
        raise NotImplementedError

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        """Return ``authored_fields`` as the author wrote them, options with their ids."""
        return {}


def refuse(attr: str, message: Message, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, attr=attr, code=code)


def check_texts(texts: Sequence[str], attr: str, *, longest: int = LONGEST_OPTION) -> None:
    """Refuse a blank text and one longer than its column; ``attr`` is the field that lists them."""
    for place, text in enumerate(texts):
        if not text.strip():
            raise refuse(f"{attr}.{place}", _("This can't be blank."), "blank")
        if len(text) > longest:
            raise refuse(f"{attr}.{place}", _("At most %(most)s characters.") % {"most": longest}, "max_length")


def placed(options: Sequence[OptionDraft]) -> list[tuple[int, OptionDraft]]:
    """Return the options with their places, in order: the author's own numbers where all differ, else 1, 2, 3…"""
    wished = [place if option.order is None else option.order for place, option in enumerate(options, 1)]
    ranked = sorted(zip(wished, options, strict=True), key=lambda pair: pair[0])
    if len(set(wished)) == len(wished):
        return ranked
    return [(place, option) for place, (_wish, option) in enumerate(ranked, 1)]


def known_ids(value: Iterable[int], shown: Sequence[int]) -> list[int]:
    """Return the ids as a list; ``Malformed`` where one was not shown or comes twice."""
    ids = list(value)
    if len(set(ids)) != len(ids) or not set(ids) <= set(shown):
        raise Malformed
    return ids


def shuffled(ids: Iterable[int], rng: random.Random) -> list[int]:
    ids = list(ids)
    rng.shuffle(ids)
    return ids
