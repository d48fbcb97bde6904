"""A problem as questions: one for each response in it, and none where one of them can't be graded."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from courses.exchange.olx.errors import NotImported
from courses.exchange.olx.grading import Key, read_keys
from courses.exchange.olx.markup import clean_text
from courses.exchange.olx.prose import Response, text_in, tidy, tokens
from courses.exchange.olx.structure import Option, Question

_VARIABLE = re.compile(r"\$\{?[A-Za-z_]")
_HEADING = re.compile(r"^(Explanation|Solution):?\s*\n+", re.IGNORECASE)
_FEEDBACK: Final = frozenset({"choicehint", "optionhint", "correcthint", "stringequalhint"})
_MAX_POINTS: Final = 100
_LONGEST_OPTION: Final = 1000


def read_problem(problem: Element, *, external_id: str, title: str) -> list[Question]:
    """Return the questions of one problem; raise NotImported, with the reason, for one that can't be taken whole.

    Half a problem would show a learner text about parts that are not there. ``title`` stands in where
    nothing else says what is asked.
    """
    if _computes(problem):
        raise NotImported(_("its numbers are computed by a script, and scripts in a file are never run"))
    asked = list(_asked(problem))
    if not asked:
        raise NotImported(_("it asks for no answer"))
    general = _explanation(problem)
    drafts = [
        (text, key, _joined(_explanation(response), general, *_feedback(response)))
        for response, text in asked
        for key in read_keys(response)
    ]
    if not drafts:
        raise NotImported(_("it asks for no answer"))
    hints = [_("Hint: %(hint)s") % {"hint": hint} for hint in _demand_hints(problem)]
    points = _points(problem, len(drafts))
    return [
        _question(
            external_id if len(drafts) == 1 else f"{external_id}#{number}",
            text or title,
            key,
            _joined(explanation, *hints),
            points,
        )
        for number, (text, key, explanation) in enumerate(drafts, start=1)
    ]


def _question(external_id: str, text: str, key: Key, explanation: str, points: int) -> Question:
    if any(len(option.text) > _LONGEST_OPTION for option in key.options):
        raise NotImported(_("a choice of more than %(limit)d characters") % {"limit": _LONGEST_OPTION})
    return Question(
        external_id=external_id,
        question_type=key.question_type,
        text=text,
        points=points,
        explanation=explanation,
        options=tuple(Option(clean_text(option.text), option.is_correct) for option in key.options),
        accepted_answers=tuple(clean_text(answer) for answer in key.accepted_answers),
        number=key.number,
        tolerance=key.tolerance,
    )


def _computes(problem: Element) -> bool:
    """Whether a script's variables (``$x``) stand in what is asked; without a script a dollar is only a dollar."""
    if problem.find(".//script") is None:
        return False
    spoken = [element for element in problem.iter() if element.tag not in {"script", "style"}]
    texts = [text for element in spoken for text in (element.text, *element.attrib.values())]
    tails = [element.tail for element in problem.iter()]
    return any(_VARIABLE.search(text) for text in (*texts, *tails) if text)


def _asked(problem: Element) -> Iterator[tuple[Element, str]]:
    """Yield each response with its text: what opens the problem, what stands between it and the one before, its own."""
    pieces: list[tuple[str, Response]] = []
    words: list[str] = []
    for token in tokens(problem):
        if isinstance(token, Response):
            pieces.append((tidy("".join(words)), token))
            words = []
        else:
            words.append(token)
    opening = pieces[0][0] if pieces else ""
    closing = tidy("".join(words)) if len(pieces) == 1 else ""
    for index, (between, found) in enumerate(pieces):
        own = text_in(found.element)
        text = _joined(opening, between if index else "", found.beside, own, closing)
        yield found.element, text or _label(found.element)


def _label(response: Element) -> str:
    """Return the label of the field to fill in: older problems ask there."""
    return tidy(next((element.get("label", "") for element in response.iter() if element.get("label")), ""))


def _explanation(holder: Element) -> str:
    """Return the solutions in ``holder``, without those that belong to a response inside it."""
    found = [child for child in _without_responses(holder) if child.tag == "solution"]
    return _joined(*(_HEADING.sub("", text_in(solution)) for solution in found))


def _without_responses(holder: Element) -> Iterator[Element]:
    for child in holder:
        if not child.tag.endswith("response"):
            yield child
            yield from _without_responses(child)


def _feedback(response: Element) -> Iterator[str]:
    """Yield what the author says to single answers, each after the answer it speaks of."""
    for parent in response.iter():
        for hint in parent:
            if hint.tag in _FEEDBACK and (said := text_in(hint)):
                about = hint.get("answer") or (text_in(parent) if parent.tag in {"choice", "option"} else "")
                yield f"{about}: {said}" if about else said


def _demand_hints(problem: Element) -> list[str]:
    return [said for group in problem.iter("demandhint") for hint in group.iter("hint") if (said := text_in(hint))]


def _points(problem: Element, questions: int) -> int:
    """Return the points of one question: the problem's weight, where it is one question and says so; else 1."""
    try:
        weight = round(float(problem.get("weight", "1")))
    except (ValueError, OverflowError):
        return 1
    return min(max(weight, 1), _MAX_POINTS) if questions == 1 else 1


def _joined(*parts: str) -> str:
    return "\n\n".join(dict.fromkeys(part for part in parts if part))
