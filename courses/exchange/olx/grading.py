"""What is right, for each kind of response: OLX's words in the shape of our questions.

https://docs.openedx.org/en/latest/educators/references/advanced_problems.html and the pages of each kind.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_lazy as _

from courses.exchange.olx.errors import NotImported
from courses.exchange.olx.prose import text_in
from courses.exchange.olx.structure import Option, QuestionKind

#: Where a problem names no tolerance, Open edX takes 0.001 %.
_DEFAULT_TOLERANCE: Final = Decimal("0.00001")
_LARGEST: Final = Decimal(10) ** 15
_STEP: Final = Decimal("0.00000001")
#: How much of a range's width its open end gives away: (0, 1) is graded as [0.000001, 0.999999].
_OPEN_END: Final = Decimal("0.000001")
_RANGE = re.compile(r"\s*([\[(])([^,]+),([^,]+)([\])])\s*")
_FRACTION = re.compile(r"(-?\d+)\s*/\s*(\d+)")
_LONGEST_NUMBER: Final = 60
_LONGEST_LIST: Final = 10_000
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True, slots=True)
class Key:
    """The type of a question and what is right in it."""

    question_type: QuestionKind
    options: tuple[Option, ...] = ()
    accepted_answers: tuple[str, ...] = ()
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)


def read_keys(response: Element) -> list[Key]:
    """Return one key for each question in ``response``; NotImported where it can't be graded as its author meant."""
    reader = _READERS.get(response.tag)
    if reader is None:
        unknown = _("answers of the kind %(kind)s can't be graded here") % {"kind": response.tag}
        raise NotImported(_UNGRADED.get(response.tag, unknown))
    return list(reader(response))


def _choices(response: Element) -> tuple[Option, ...]:
    options = []
    for choice in response.iter("choice"):
        verdict = choice.get("correct", "false").strip().lower()
        if verdict not in {"true", "false"}:
            raise NotImported(_("a choice that is neither right nor wrong (%(verdict)s)") % {"verdict": verdict})
        options.append(Option(text_in(choice), verdict == "true"))
    return tuple(options)


def _checked(options: tuple[Option, ...]) -> tuple[Option, ...]:
    if len(options) < 2:
        raise NotImported(_("fewer than two choices"))
    if not all(option.text for option in options):
        raise NotImported(_("a choice without words"))
    if not any(option.is_correct for option in options):
        raise NotImported(_("no choice is right"))
    return options


def _single(options: tuple[Option, ...]) -> Key:
    if sum(option.is_correct for option in _checked(options)) > 1:
        raise NotImported(_("more than one choice is right where one is asked for"))
    is_true_false = {option.text.casefold() for option in options} == {"true", "false"}
    return Key("true_false" if is_true_false else "multiple_choice", options=options)


def _read_multiple_choice(response: Element) -> Iterator[Key]:
    yield _single(_choices(response))


def _read_choices(response: Element) -> Iterator[Key]:
    yield Key("multiple_select", options=_checked(_choices(response)))


def _read_dropdowns(response: Element) -> Iterator[Key]:
    for dropdown in response.iter("optioninput"):
        children = dropdown.findall("option")
        if children:
            verdicts = [(text_in(child), child.get("correct", "").lower() == "true") for child in children]
        else:
            right = dropdown.get("correct", "").strip()
            verdicts = [(text, text == right) for text in _listed(dropdown.get("options", ""))]
        yield _single(tuple(Option(text, is_correct) for text, is_correct in verdicts))


def _listed(options: str) -> list[str]:
    """Return the members of ``('one','two')``, a Python tuple that is read, never evaluated."""
    if len(options) > _LONGEST_LIST:  # the pattern takes quadratic time where no quotation ends
        raise NotImported(_("its list of choices is too long"))
    return [re.sub(r"\\(.)", r"\1", single or double).strip() for single, double in _QUOTED.findall(options)]


def _read_words(response: Element) -> Iterator[Key]:
    if "regexp" in response.get("type", "").split():
        raise NotImported(_("its answers are matched by a regular expression"))
    answers = response.get("answer", "").split("_or_")
    answers += [extra.get("answer") or extra.text or "" for extra in response.iter("additional_answer")]
    accepted = tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    if not accepted:
        raise NotImported(_("no answer is right"))
    yield Key("fill_in_blank", accepted_answers=accepted)


def _read_number(response: Element) -> Iterator[Key]:
    if response.find(".//additional_answer") is not None:
        raise NotImported(_("more than one number is right"))
    answer = response.get("answer", "")
    span = _RANGE.fullmatch(answer)
    number, tolerance = _within(span) if span else _around(answer, _tolerance_of(response))
    if abs(number) + tolerance >= _LARGEST:
        raise NotImported(_("its number is too large"))
    kept = number.quantize(_STEP)
    if abs(kept - number) > tolerance:
        raise NotImported(_("its number has more digits than can be kept"))
    yield Key("numeric", number=kept, tolerance=tolerance.quantize(_STEP))


def _tolerance_of(response: Element) -> str:
    given = [param.get("default", "") for param in response.iter("responseparam") if param.get("type") == "tolerance"]
    return given[0].strip() if given else ""


def _around(answer: str, tolerance: str) -> tuple[Decimal, Decimal]:
    number = _number(answer)
    if not tolerance:
        return number, abs(number) * _DEFAULT_TOLERANCE
    if tolerance.endswith("%"):
        return number, abs(number * _number(tolerance[:-1]) / 100)
    return number, abs(_number(tolerance))


def _within(span: re.Match[str]) -> tuple[Decimal, Decimal]:
    """Return the middle and half the width of ``[low, high]``; a round bracket leaves its end out."""
    low, high = _number(span[2]), _number(span[3])
    if low >= high:
        raise NotImported(_("its range is empty"))
    margin = (high - low) * _OPEN_END
    low += margin if span[1] == "(" else 0
    high -= margin if span[4] == ")" else 0
    return (low + high) / 2, (high - low) / 2


def _number(text: str) -> Decimal:
    text = text.strip()
    fraction = _FRACTION.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    try:
        number = Decimal(fraction[1]) / Decimal(fraction[2]) if fraction else Decimal(text)
    except (InvalidOperation, ZeroDivisionError) as error:
        raise NotImported(_("its answer is a formula, not a number")) from error
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise NotImported(_("its answer is not a number that can be kept"))
    return number


_READERS: Final[dict[str, Callable[[Element], Iterator[Key]]]] = {
    "multiplechoiceresponse": _read_multiple_choice,
    "choiceresponse": _read_choices,
    "optionresponse": _read_dropdowns,
    "stringresponse": _read_words,
    "numericalresponse": _read_number,
}
_UNGRADED: Final = {
    "customresponse": _("it is graded by a script, and scripts in a file are never run"),
    "formularesponse": _("its answer is a formula"),
    "symbolicresponse": _("its answer is a formula"),
    "imageresponse": _("its answer is a place in a picture"),
    "annotationresponse": _("it asks for an annotation"),
    "schematicresponse": _("its answer is an electrical circuit"),
    "coderesponse": _("its answer is a program"),
    "externalresponse": _("it is graded by another server"),
    "javascriptresponse": _("it is graded by a script, and scripts in a file are never run"),
    "choicetextresponse": _("it mixes choices with fields to fill in"),
}
