"""GIFT from our questions. Every text is declared ``[plain]``, so that nobody reads tags or Markdown into it."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft
from courses.assessment.models import QuestionType
from courses.exchange.questions.errors import NotWritten
from courses.exchange.questions.structure import DIFFICULTY_TAG, FILE_ID, POINTS_TAG, TOPIC_TAG, TYPE_TAG
from courses.exchange.questions.writing.numbers import number, share

_ESCAPES: Final = str.maketrans({character: f"\\{character}" for character in "\\:#={}~"} | {"\n": "\\n"})


def gift_document(pieces: Sequence[str]) -> str:
    return "\n\n".join(pieces) + "\n"


def gift_question(draft: QuestionDraft) -> str:
    """Return one question; NotWritten for one that GIFT has no place for."""
    writer = _WRITERS.get(draft.question_type)
    if writer is None:
        raise NotWritten(_("GIFT has no questions of this type"))
    answers = writer(draft)
    feedback = f"####{_text(draft.explanation)}" if draft.explanation else ""
    return f"{_comment(draft)}\n[plain]{_escaped(draft.question_text)}{{{answers}{feedback}}}"


def _comment(draft: QuestionDraft) -> str:
    """Return the line that carries what GIFT has no field for, the way Moodle writes ids and tags."""
    is_odd = draft.question_type == QuestionType.TRUE_FALSE and not _is_plain_true_false(draft)
    marks = [
        ("id", draft.external_id.removeprefix(FILE_ID)),
        ("tag", f"{POINTS_TAG}{draft.points}"),
        ("tag", f"{DIFFICULTY_TAG}{draft.difficulty}"),
        ("tag", f"{TOPIC_TAG}{draft.topic}" if draft.topic else ""),
        ("tag", f"{TYPE_TAG}{draft.question_type}" if is_odd else ""),
    ]
    return "// " + " ".join(f"[{name}:{_on_a_line(value)}]" for name, value in marks if value)


def _on_a_line(value: str) -> str:
    return value.replace("\n", " ").replace("]", "\\]")


def _is_plain_true_false(draft: QuestionDraft) -> bool:
    return [option.option_text for option in draft.options] == ["True", "False"]


def _true_false(draft: QuestionDraft) -> str:
    if _is_plain_true_false(draft):
        return "TRUE" if draft.options[0].is_correct else "FALSE"
    return _one_choice(draft)


def _one_choice(draft: QuestionDraft) -> str:
    return _listed(("=" if option.is_correct else "~") + _text(option.option_text) for option in draft.options)


def _several_choices(draft: QuestionDraft) -> str:
    right = share(sum(option.is_correct for option in draft.options))
    weights = [f"~%{right}%" if option.is_correct else "~%-100%" for option in draft.options]
    return _listed(weight + _text(option.option_text) for weight, option in zip(weights, draft.options, strict=True))


def _words(draft: QuestionDraft) -> str:
    if any("->" in answer for answer in draft.accepted_answers):
        raise NotWritten(_("GIFT would take an answer with an arrow (->) for a pair"))
    return _listed("=" + _text(answer.replace("*", "\\*")) for answer in draft.accepted_answers)


def _number(draft: QuestionDraft) -> str:
    return f"#{number(draft.number)}:{number(draft.tolerance)}"


def _pairs(draft: QuestionDraft) -> str:
    return _listed(f"={_left(pair.left)} -> {_escaped(pair.right)}" for pair in draft.pairs)


def _left(text: str) -> str:
    """Return the left of a pair; only as HTML can it hold an arrow that isn't the pair's own."""
    if "->" not in text:
        return _text(text)
    return "[html]" + _escaped(escape(text).replace("\n", "<br>"))


_WRITERS: Final[dict[str, Callable[[QuestionDraft], str]]] = {
    QuestionType.MULTIPLE_CHOICE: _one_choice,
    QuestionType.MULTIPLE_SELECT: _several_choices,
    QuestionType.TRUE_FALSE: _true_false,
    QuestionType.FILL_IN_BLANK: _words,
    QuestionType.NUMERIC: _number,
    QuestionType.MATCHING: _pairs,
    QuestionType.ESSAY: lambda draft: "",
}
GIFT_TYPES: Final = frozenset(_WRITERS)


def _listed(answers: Iterable[str]) -> str:
    return "".join(f"\n\t{answer}" for answer in answers) + "\n"


def _text(text: str) -> str:
    """Return an escaped text whose beginning nobody takes for a format or a weight."""
    return ("[plain]" if text.startswith(("[", "%")) else "") + _escaped(text)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
