"""Questions whose answer is written: a word, a number, an essay."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.assessment.kinds.base import (
    Kind,
    Malformed,
    Parts,
    QuestionDraft,
    Response,
    RightAnswer,
    check_texts,
    refuse,
)
from courses.assessment.models import QuestionType

LONGEST_ANSWER = 500
LONGEST_ESSAY = 20_000
MOST_ACCEPTED = 50
#: JSON numbers are doubles in most clients: 15 digits come back from one as they went in.
MOST_DIGITS = 15
MOST_DECIMALS = 8
LARGEST = Decimal(10) ** 16


def folded(text: str) -> str:
    """Return the form in which words are compared: NFKC, no letter case, no outer and only single inner spaces."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def as_number(value: Decimal) -> int | float:
    """Return ``value`` as a JSON number, whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


class FillInBlank(Kind):
    question_type = QuestionType.FILL_IN_BLANK
    answers_with = "text"
    authored_fields = frozenset({"accepted_answers"})

    def check(self, draft: QuestionDraft) -> None:
        if not 1 <= len(draft.accepted_answers) <= MOST_ACCEPTED:
            raise refuse("accepted_answers", _("Give 1 to %(most)s accepted answers.") % {"most": MOST_ACCEPTED})
        check_texts(draft.accepted_answers, "accepted_answers", longest=LONGEST_ANSWER)

    def read(self, value: Any, parts: Parts) -> str:
        if len(value) > LONGEST_ANSWER:
            raise Malformed(_("At most %(most)s characters.") % {"most": LONGEST_ANSWER})
        return str(value)

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        return folded(value) in {folded(accepted) for accepted in answer.key.accepted_answers}

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return {"text": list(answer.key.accepted_answers)}

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        return {"accepted_answers": list(answer.key.accepted_answers)}


class Numeric(Kind):
    """Right within ``number`` ± ``tolerance``, both ends included; reckoned in decimals, so 0.1 + 0.2 is 0.3."""

    question_type = QuestionType.NUMERIC
    answers_with = "number"
    authored_fields = frozenset({"number", "tolerance"})

    def check(self, draft: QuestionDraft) -> None:
        if draft.number is None:
            raise refuse("number", _("Give the number that is right."), "required")
        if draft.tolerance < 0:
            raise refuse("tolerance", _("A tolerance is not negative."), "min_value")
        for attr, value in (("number", draft.number), ("tolerance", draft.tolerance)):
            if (
                len(value.normalize().as_tuple().digits) > MOST_DIGITS
                or value != round(value, MOST_DECIMALS)
                or abs(value) >= LARGEST
            ):
                raise refuse(
                    attr, _("At most %(most)s digits, 8 of them decimals.") % {"most": MOST_DIGITS}, "max_digits"
                )

    def read(self, value: Any, parts: Parts) -> str:
        return str(value)

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        number = answer.key.number
        return number is not None and abs(Decimal(value) - number) <= answer.key.tolerance

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return self.authored(answer)

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        number = answer.key.number
        return {
            "number": None if number is None else as_number(number),
            "tolerance": as_number(answer.key.tolerance),
        }


class Essay(Kind):
    """Graded by a person: until then it is neither right nor wrong, and earns nothing. A blank one is wrong."""

    question_type = QuestionType.ESSAY
    answers_with = "text"
    authored_fields = frozenset()

    def check(self, draft: QuestionDraft) -> None:
        """Nothing to refuse: an essay has no key."""

    def read(self, value: Any, parts: Parts) -> str:
        return str(value)

    def grade(self, response: Response, answer: RightAnswer) -> bool | None:
        return None if response.get("text", "").strip() else False

    def correct(self, answer: RightAnswer) -> None:
        return None
