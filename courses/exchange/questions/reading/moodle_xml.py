"""Moodle XML: a ``<quiz>`` of ``<question type="…">``. https://docs.moodle.org/en/Moodle_XML_format"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element, tostring

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.assessment.kinds import QuestionDraft
from courses.assessment.models import QuestionType
from courses.exchange.olx.errors import ImportRefused, NotImported
from courses.exchange.olx.markup import clean_text, parse_xml
from courses.exchange.questions.reading.keys import (
    Answer,
    Key,
    about,
    choice_key,
    number_in,
    number_key,
    order_key,
    pairs_key,
    true_false_key,
    words_key,
)
from courses.exchange.questions.reading.words import AUTO, HTML, MARKDOWN, PLAIN, Words, joined, must_be_seen, words_of
from courses.exchange.questions.structure import Built, Entry

_FORMATS: Final = {"html": HTML, "moodle_auto_format": AUTO, "plain_text": PLAIN, "markdown": MARKDOWN}
_MOST_POINTS: Final = 1000
#: A key, what is said about single answers, and notes.
_Read = tuple[Key, list[str], tuple[str, ...]]


def moodle_entries(data: bytes) -> Iterator[Entry]:
    """Yield what stands in a Moodle XML file, categories and kinds that we don't have too."""
    root = parse_xml(data, _("The file"))
    if root.tag != "quiz":
        raise ImportRefused(_("This is XML, and no questions of Moodle: there is no <quiz> at its top."))
    for element in root.iterfind("question"):
        tags = tuple(_raw(tag.find("text")).strip() for tag in element.iterfind("tags/tag"))
        yield Entry(
            kind=clean_text(element.get("type", "").strip())[:60] or "unreadable",
            build=partial(_built, element),
            name=_raw(element.find("name/text")).strip() or _raw(element.find("category/text")).strip(),
            given_id=_raw(element.find("idnumber")).strip(),
            tags=tags,
        )


def _built(question: Element) -> Built:
    kind = question.get("type", "").strip()
    reader = _KEYS.get(kind)
    if reader is None:
        unknown = _("questions of the kind %(kind)s can't be asked here") % {"kind": kind or "?"}
        raise NotImported(_UNSUPPORTED.get(kind, unknown))
    if _raw(question.find("hidden")).strip() == "1":
        raise NotImported(_("it is an old version, hidden in Moodle"))
    asked = _words(question.find("questiontext"), HTML)
    key, said, notes = reader(question)
    points, rounded = _points(question)
    hints = [_words(hint, HTML).text for hint in question.iterfind("hint")]
    hints = [_("Hint: %(hint)s") % {"hint": hint} for hint in hints if hint]
    general = _words(question.find("generalfeedback"), HTML).text
    draft = QuestionDraft(must_be_seen(asked), points=points or 1, explanation=joined(general, *said, *hints), **key)
    pictures = (_("of its pictures, the descriptions"),) if asked.has_picture else ()
    return Built(draft, frozenset({"points"} if points else ()), (*notes, *rounded, *pictures))


def _points(question: Element) -> tuple[int | None, tuple[str, ...]]:
    """Return the points as a whole number, None where the file doesn't say, and a note where it said otherwise."""
    text = _raw(question.find("defaultgrade")).strip()
    if not text:
        return None, ()
    grade = number_in(text)
    points = min(max(int(grade.to_integral_value()), 1), _MOST_POINTS)
    note = _("%(grade)s points became %(points)d") % {"grade": f"{grade.normalize():f}", "points": points}
    return points, () if grade == points else (note,)


def _choices(question: Element) -> _Read:
    answers = _answers(question)
    single = _raw(question.find("single")).strip().lower() not in {"false", "0"}
    return choice_key(answers, single=single), [about(answer) for answer in answers], ()


def _true_false(question: Element) -> _Read:
    answers = {answer.text.casefold(): answer for answer in _answers(question)}
    if set(answers) != {"true", "false"}:
        raise NotImported(_("its answers are not true and false"))
    choice_key(list(answers.values()), single=True)
    key = true_false_key(is_true=answers["true"].percent > 0)
    return key, [about(Answer(text.capitalize(), a.percent, a.feedback)) for text, a in answers.items()], ()


def _short(question: Element) -> _Read:
    answers = _answers(question, PLAIN)
    key = words_key(answers)
    minds_case = _raw(question.find("usecase")).strip() == "1"
    if minds_case and any(text.lower() != text.upper() for text in key["accepted_answers"]):
        raise NotImported(_("its answers are told apart by capital letters"))
    return key, [about(answer) for answer in answers], ()


def _number(question: Element) -> _Read:
    if _raw(question.find("unitgradingtype")).strip() not in {"", "0"}:
        raise NotImported(_("its unit is graded too"))
    if len(question.findall("units/unit")) > 1:
        raise NotImported(_("it may be answered in more than one unit"))
    answers = _answers(question, PLAIN)
    return number_key(answers), [about(answer) for answer in answers], ()


def _matching(question: Element) -> _Read:
    pairs = [
        (must_be_seen(_words(pair, HTML)), _raw(pair.find("answer/text")).strip())
        for pair in question.iterfind("subquestion")
    ]
    key, notes = pairs_key(pairs)
    return key, [], notes


def _ordering(question: Element) -> _Read:
    """Read the items, which ``fraction`` numbers in the right order."""
    answers = sorted(_answers(question), key=lambda answer: answer.percent)
    is_part = _raw(question.find("selecttype")).strip().upper() not in {"", "0", "ALL"}
    notes = (_("Moodle asks for some of its items, and here it is all of them"),) if is_part else ()
    return order_key([answer.text for answer in answers]), [], notes


def _essay(question: Element) -> _Read:
    if _raw(question.find("responseformat")).strip() == "noinline":
        raise NotImported(_("it asks for a file"))
    if _raw(question.find("attachmentsrequired")).strip() not in {"", "0"}:
        raise NotImported(_("it asks for a file"))
    return {"question_type": QuestionType.ESSAY}, [], ()


_KEYS: Final[dict[str, Callable[[Element], _Read]]] = {
    "multichoice": _choices,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _number,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
}
_COMPUTED = gettext_lazy("its numbers are computed for each learner")
_GAPS = gettext_lazy("it has several gaps to fill in, and questions here have one answer")
_PLACES = gettext_lazy("its answer is a place in a picture")
_UNSUPPORTED: Final = {
    "category": gettext_lazy("a category is no question"),
    "description": gettext_lazy("a description asks for no answer"),
    "calculated": _COMPUTED,
    "calculatedmulti": _COMPUTED,
    "calculatedsimple": _COMPUTED,
    "cloze": _GAPS,
    "multianswer": _GAPS,
    "gapselect": _GAPS,
    "ddwtos": _GAPS,
    "missingword": _GAPS,
    "ddimageortext": _PLACES,
    "ddmarker": _PLACES,
    "random": gettext_lazy("it stands for any question of its category"),
    "randomsamatch": gettext_lazy("it is made of other questions"),
}


def _answers(question: Element, text_format: str = AUTO) -> list[Answer]:
    return [_answer(element, text_format) for element in question.iterfind("answer")]


def _answer(element: Element, text_format: str) -> Answer:
    """Read one answer; ``text_format`` is what it is in where it doesn't say, and always where it is PLAIN."""
    text = _raw(element.find("text")).strip() if text_format == PLAIN else must_be_seen(_words(element, text_format))
    tolerance = _raw(element.find("tolerance")).strip()
    return Answer(
        text,
        number_in(element.get("fraction", "0")),
        _words(element.find("feedback"), HTML).text,
        number_in(tolerance) if tolerance else Decimal(0),
    )


def _words(element: Element | None, text_format: str) -> Words:
    """Return the ``<text>`` of an element made plain; ``text_format`` where the element names none."""
    if element is None:
        return Words("")
    named = _FORMATS.get(element.get("format", "").strip().lower(), text_format)
    return words_of(_raw(element.find("text")), named)


def _raw(element: Element | None) -> str:
    """Return what stands in an element; markup that nobody escaped is written out again."""
    if element is None:
        return ""
    inner = "".join(tostring(child, encoding="unicode") for child in element)
    return clean_text(f"{element.text or ''}{inner}".replace("\r\n", "\n").replace("\r", "\n"))
