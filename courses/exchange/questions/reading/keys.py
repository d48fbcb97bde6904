"""What is right: answers worth so many percent, in the shape of questions that are right or wrong.

Nothing here gives part of a point, so that a question is taken only where its author's "fully right" is one
thing that can be asked for. Where Moodle gives parts on the way there (one of two boxes, two of three
pairs), there are none here; where an answer of its own is worth a part, the question is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from courses.assessment.kinds import OptionDraft, PairDraft
from courses.assessment.models import QuestionType
from courses.exchange.olx.errors import NotImported

FULL: Final = Decimal(100)
#: What the parts of "all of them" may miss of 100: a third is written as 33.33333, or as 33.
_ROUNDING: Final = Decimal(1)
_STEP: Final = Decimal("0.00000001")
_LARGEST: Final = Decimal(10) ** 15
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
_WILDCARD = re.compile(r"(?<!\\)\*")
#: Fields of a draft, by name.
Key = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """``percent`` of the points that giving this answer is worth."""

    text: str
    percent: Decimal
    feedback: str = ""
    tolerance: Decimal = Decimal(0)


def choice_key(answers: Sequence[Answer], *, single: bool) -> Key:
    """Return the key of a choice of one (``single``) or several."""
    worth = sum(answer.percent for answer in answers if answer.percent > 0)
    if not worth:
        raise NotImported(_("no choice is right"))
    if single:
        _no_parts(answers)
        if worth != FULL:
            raise NotImported(_("more than one choice is right where one is asked for"))
    elif abs(worth - FULL) > _ROUNDING:
        raise NotImported(_("the choices that are right are worth %(percent)s %%, not 100") % {"percent": f"{worth:f}"})
    return {
        "question_type": QuestionType.MULTIPLE_CHOICE if single else QuestionType.MULTIPLE_SELECT,
        "options": [OptionDraft(answer.text, is_correct=answer.percent > 0) for answer in answers],
    }


def true_false_key(*, is_true: bool) -> Key:
    return {
        "question_type": QuestionType.TRUE_FALSE,
        "options": [OptionDraft("True", is_correct=is_true), OptionDraft("False", is_correct=not is_true)],
    }


def words_key(answers: Sequence[Answer]) -> Key:
    """Return the key of an answer in words; ``*`` stands for anything unless it is written ``\\*``."""
    _no_parts(answers)
    right = [answer.text for answer in answers if answer.percent > 0]
    if not right:
        raise NotImported(_("no answer is right"))
    if any(_WILDCARD.search(text) for text in right):
        raise NotImported(_("its answers are matched by a pattern (*)"))
    plain = [text.replace("\\*", "*") for text in right]
    return {"question_type": QuestionType.FILL_IN_BLANK, "accepted_answers": list(dict.fromkeys(plain))}


def number_key(answers: Sequence[Answer]) -> Key:
    """Return the key of an answer in numbers: the one stretch of numbers that all right answers make up together."""
    answers = [answer for answer in answers if answer.text != "*" or answer.percent > 0]
    _no_parts(answers)
    spans = [(*_span(answer), answer.percent > 0) for answer in answers]
    right = sorted((low, high) for low, high, is_right in spans if is_right)
    if not right:
        raise NotImported(_("no answer is right"))
    low, high = right[0]
    for next_low, next_high in right[1:]:
        if next_low > high:
            raise NotImported(_("more than one number is right"))
        high = max(high, next_high)
    if any(wrong_low <= high and low <= wrong_high for wrong_low, wrong_high, is_right in spans if not is_right):
        raise NotImported(_("a number is both right and wrong in it"))
    number, tolerance = (low + high) / 2, (high - low) / 2
    kept = number.quantize(_STEP)
    if abs(kept - number) > tolerance:
        raise NotImported(_("its number has more digits than can be kept"))
    return {"question_type": QuestionType.NUMERIC, "number": kept, "tolerance": tolerance.quantize(_STEP)}


def pairs_key(pairs: Sequence[tuple[str, str]]) -> tuple[Key, tuple[str, ...]]:
    """Return the key of a matching question, and a note of the rights without a left: there are none here."""
    kept = [PairDraft(left, right) for left, right in pairs if left]
    alone = [right for left, right in pairs if right and not left]
    note = _("without the choices that belong to nothing: %(choices)s") % {"choices": ", ".join(alone)}
    return {"question_type": QuestionType.MATCHING, "pairs": kept}, (note,) if alone else ()


def order_key(texts: Sequence[str]) -> Key:
    return {"question_type": QuestionType.ORDERING, "options": [OptionDraft(text) for text in texts]}


def number_in(text: str) -> Decimal:
    """Return the number that ``text`` is; NotImported for anything else, and past what can be kept."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise NotImported(_("%(text)s is not a number") % {"text": text[:60] or "''"})
    number = Decimal(text)
    if abs(number) >= _LARGEST:
        raise NotImported(_("its number is too large"))
    return number


def about(answer: Answer) -> str:
    """Return what the author says to one answer, after the answer that it speaks of."""
    if not answer.feedback:
        return ""
    return f"{answer.text}: {answer.feedback}" if answer.text not in {"", "*"} else answer.feedback


def _span(answer: Answer) -> tuple[Decimal, Decimal]:
    number = number_in(answer.text)
    return number - abs(answer.tolerance), number + abs(answer.tolerance)


def _no_parts(answers: Sequence[Answer]) -> None:
    part = next((answer for answer in answers if 0 < answer.percent < FULL), None)
    if part is not None:
        message = _("an answer is worth %(percent)s %% of the points, and here it is all or nothing")
        raise NotImported(message % {"percent": f"{part.percent:f}"})
