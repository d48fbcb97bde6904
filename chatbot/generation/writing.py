"""Drafts of a content: by a model where one is configured, else by rule. No draft leaves that breaks a rule."""

from collections.abc import Sequence

from chatbot.generation.arranging import ARRANGING_TYPES, arranging_questions
from chatbot.generation.cloze import CLOZE_TYPES, cloze_questions
from chatbot.generation.desk import Desk
from chatbot.generation.extracts import cards, summaries
from chatbot.generation.lesson import read
from chatbot.generation.making import Making, Source, Wanted
from chatbot.generation.modelled import MOST_CALLS, NOT_ANSWERED, by_model
from chatbot.generation.rules import comparable_question
from chatbot.generation.vocabulary import Vocabulary
from chatbot.providers import chain
from chatbot.retrieval.chunking import MOST_CHARACTERS, parts_of

#: What a job is told where only a model could write what is wanted.
NOT_BY_RULE = "not_by_rule"
#: Characters that are read by rule at once: some twenty lessons, a second or two.
_MOST_READ = 60_000


def make(source: Source, wanted: Wanted, *, bank: Sequence[str], user_id: int | None) -> Making:
    """Return at most ``wanted.count`` drafts of ``source``, none of them in ``bank``, and why others were refused.

    ``bank`` are the texts of questions (fronts of cards) that are there already; ``user_id`` is whom calls are
    recorded for. Slow where a model writes: call it outside of transactions. Raises ``ProviderFailed`` where models
    are configured and none wrote anything that could be read: rules are no stand-in for a model that is away.
    """
    desk = Desk(source, wanted, [comparable_question(text) for text in bank])
    if chain.has_model():
        by_model(desk, user_id=user_id)
    else:
        _by_rule(desk)
    return desk.making


def _by_rule(desk: Desk) -> None:
    """Write without a model. Tables and lists first: there are few of them, and they make the richest questions."""
    source, wanted = desk.source, desk.wanted
    reading = read(_to_read(source.text, first=len(desk.known)))
    vocabulary = Vocabulary(reading.sentences, title=source.title)
    if wanted.kind == "summary":
        desk.judge(summaries(reading, title=source.title), is_by_rule=True)
    elif wanted.kind == "flashcards":
        desk.judge(cards(reading, vocabulary, wanted), is_by_rule=True)
    elif _is_written_by_rule(wanted):
        desk.judge(arranging_questions(reading, wanted, title=source.title), is_by_rule=True)
        desk.judge(cloze_questions(reading, vocabulary, wanted), is_by_rule=True)
    else:
        desk.making.refused[NOT_BY_RULE] = wanted.count


def _to_read(text: str, *, first: int) -> str:
    """Return what of a content is read by rule: all of it, or of a very long one a part, another when asked again."""
    parts = parts_of(text)
    a_reading = _MOST_READ // MOST_CHARACTERS
    if len(text) <= _MOST_READ or len(parts) <= a_reading:
        return text
    begin = first * a_reading % len(parts)
    return "\n".join(parts[begin : begin + a_reading])


def _is_written_by_rule(wanted: Wanted) -> bool:
    return not wanted.question_types or not {*CLOZE_TYPES, *ARRANGING_TYPES}.isdisjoint(wanted.question_types)


__all__ = ["MOST_CALLS", "NOT_ANSWERED", "NOT_BY_RULE", "make"]
