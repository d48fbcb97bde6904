"""Moodle XML from our questions. Every text is ``plain_text``: nobody reads tags into it."""

from collections.abc import Callable, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft
from courses.assessment.models import QuestionType
from courses.exchange.olx.markup import clean_text
from courses.exchange.questions.errors import NotWritten
from courses.exchange.questions.structure import DIFFICULTY_TAG, FILE_ID, TOPIC_TAG, TYPE_TAG
from courses.exchange.questions.writing.numbers import number, share

_LONGEST_NAME: Final = 80


def moodle_document(questions: Sequence[Element]) -> str:
    quiz = Element("quiz")
    quiz.extend(questions)
    indent(quiz)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(quiz, encoding="unicode")}\n'


def moodle_question(draft: QuestionDraft) -> Element:
    """Return one question; NotWritten for one that Moodle has no place for."""
    writer = _WRITERS.get(draft.question_type)
    if writer is None:
        raise NotWritten(_("Moodle has no questions of this type"))
    question = Element("question")
    _text(question, "name", draft.question_text.partition("\n")[0][:_LONGEST_NAME], plain=False)
    _text(question, "questiontext", draft.question_text)
    _text(question, "generalfeedback", draft.explanation)
    _leaf(question, "defaultgrade", str(draft.points))
    _leaf(question, "idnumber", draft.external_id.removeprefix(FILE_ID))
    kind, *tags = writer(question, draft)
    question.set("type", kind)
    _tags(
        question, [*tags, f"{DIFFICULTY_TAG}{draft.difficulty}", *([f"{TOPIC_TAG}{draft.topic}"] * bool(draft.topic))]
    )
    return question


def _one_choice(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    _choices(question, draft, single=True, right="100", wrong="0")
    return ("multichoice",)


def _several_choices(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    right = share(sum(option.is_correct for option in draft.options))
    _choices(question, draft, single=False, right=right, wrong="-100")
    return ("multichoice",)


def _choices(question: Element, draft: QuestionDraft, *, single: bool, right: str, wrong: str) -> None:
    _leaf(question, "single", "true" if single else "false")
    _leaf(question, "shuffleanswers", "false")
    for option in draft.options:
        _answer(question, option.option_text, right if option.is_correct else wrong)


def _true_false(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    """Write true and false; other words for them as a choice that says what it was."""
    if [option.option_text for option in draft.options] != ["True", "False"]:
        return (*_one_choice(question, draft), f"{TYPE_TAG}{draft.question_type}")
    for option in draft.options:
        _answer(question, option.option_text.lower(), "100" if option.is_correct else "0")
    return ("truefalse",)


def _words(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    _leaf(question, "usecase", "0")
    for answer in draft.accepted_answers:
        _answer(question, answer.replace("*", "\\*"), "100")
    return ("shortanswer",)


def _number(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    answer = _answer(question, number(draft.number), "100")
    _leaf(answer, "tolerance", number(draft.tolerance))
    return ("numerical",)


def _pairs(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    _leaf(question, "shuffleanswers", "true")
    for pair in draft.pairs:
        left = _text(question, "subquestion", pair.left)
        _text(left, "answer", pair.right, plain=False)
    return ("matching",)


def _order(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    _leaf(question, "layouttype", "VERTICAL")
    _leaf(question, "selecttype", "ALL")
    _leaf(question, "gradingtype", "ALL_OR_NOTHING")
    for place, option in enumerate(draft.options, start=1):
        _answer(question, option.option_text, str(place))
    return ("ordering",)


def _essay(question: Element, draft: QuestionDraft) -> tuple[str, ...]:
    _leaf(question, "responseformat", "editor")
    _leaf(question, "responserequired", "1")
    _leaf(question, "attachments", "0")
    return ("essay",)


#: What writes each type: it returns the kind's name in Moodle, and tags where that doesn't say it all.
_WRITERS: Final[dict[str, Callable[[Element, QuestionDraft], tuple[str, ...]]]] = {
    QuestionType.MULTIPLE_CHOICE: _one_choice,
    QuestionType.MULTIPLE_SELECT: _several_choices,
    QuestionType.TRUE_FALSE: _true_false,
    QuestionType.FILL_IN_BLANK: _words,
    QuestionType.NUMERIC: _number,
    QuestionType.MATCHING: _pairs,
    QuestionType.ORDERING: _order,
    QuestionType.ESSAY: _essay,
}
MOODLE_TYPES: Final = frozenset(_WRITERS)


def _answer(question: Element, text: str, percent: str) -> Element:
    answer = _text(question, "answer", text)
    answer.set("fraction", percent)
    return answer


def _text(holder: Element, tag: str, text: str, *, plain: bool = True) -> Element:
    element = SubElement(holder, tag, {"format": "plain_text"} if plain else {})
    _leaf(element, "text", text)
    return element


def _tags(question: Element, tags: Sequence[str]) -> None:
    holder = SubElement(question, "tags")
    for tag in tags:
        _text(holder, "tag", tag, plain=False)


def _leaf(holder: Element, tag: str, text: str) -> None:
    SubElement(holder, tag).text = clean_text(text)
