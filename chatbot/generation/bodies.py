"""Questions as their author writes them (API §3), put together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from chatbot.generation.making import Wanted


def choice_body(
    wanted: Wanted, question_type: str, text: str, options: Iterable[tuple[str, bool]], explanation: str = ""
) -> dict[str, Any]:
    """Return a question with ``options``, each with whether it is right."""
    listed = [{"option_text": option, "is_correct": is_correct} for option, is_correct in options]
    return {**_common(wanted, question_type, text, explanation), "options": listed}


def true_false_body(
    wanted: Wanted, text: str, *, is_true: bool, language: str, explanation: str = ""
) -> dict[str, Any]:
    """Return a statement to be judged; its options are in the language of the statement."""
    with translation.override(language):
        true, false = gettext("True"), gettext("False")
    return choice_body(wanted, "true_false", text, [(true, is_true), (false, not is_true)], explanation)


def fill_body(wanted: Wanted, text: str, accepted: Sequence[str], explanation: str = "") -> dict[str, Any]:
    return {**_common(wanted, "fill_in_blank", text, explanation), "accepted_answers": list(accepted)}


def numeric_body(
    wanted: Wanted, text: str, number: Decimal, tolerance: Decimal = Decimal(0), explanation: str = ""
) -> dict[str, Any]:
    figures = {"number": _json_number(number), "tolerance": _json_number(tolerance)}
    return {**_common(wanted, "numeric", text, explanation), **figures}


def matching_body(wanted: Wanted, text: str, pairs: Iterable[tuple[str, str]], explanation: str = "") -> dict[str, Any]:
    listed = [{"left": left, "right": right} for left, right in pairs]
    return {**_common(wanted, "matching", text, explanation), "pairs": listed}


def ordering_body(wanted: Wanted, text: str, steps: Iterable[str], explanation: str = "") -> dict[str, Any]:
    """Return a question whose ``steps`` stand in the right order."""
    listed = [{"option_text": step} for step in steps]
    return {**_common(wanted, "ordering", text, explanation), "options": listed}


def with_source(body: dict[str, Any], quote: str, language: str) -> dict[str, Any]:
    """Return a question whose explanation ends with the words of the lesson that it is from."""
    with translation.override(language):
        cited = gettext("From the lesson: “%(quote)s”") % {"quote": quote}
    return {**body, "explanation": f"{body['explanation']}\n\n{cited}" if body["explanation"] else cited}


def as_json(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a validated body as it is stored: its numbers as JSON has them."""
    return {name: _json_number(value) if isinstance(value, Decimal) else value for name, value in body.items()}


def _common(wanted: Wanted, question_type: str, text: str, explanation: str) -> dict[str, Any]:
    return {
        "question_text": text,
        "question_type": question_type,
        "points": 1,
        "difficulty": wanted.difficulty,
        "topic": wanted.topic[:100],
        "explanation": explanation,
    }


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
