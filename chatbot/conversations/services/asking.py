"""A question answered: from the learner's own lessons, as far as they go, and never beyond them."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

import msgspec
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from chatbot.conversations.citing import GroundedText, citations_in
from chatbot.conversations.frames import MOST_CHARACTERS, Cited, Delta, Done, Said, TutorCitation
from chatbot.conversations.models import Message
from chatbot.conversations.open_questions import asks_one_of
from chatbot.conversations.prompting import prompt_for
from chatbot.conversations.selectors import asked_before, said_before, shown
from chatbot.conversations.services.beginning import Asked, begin_answer
from chatbot.conversations.services.flagging import flag_message
from chatbot.conversations.services.settling import Outcome, settle_answer
from chatbot.conversations.severity import severity_of
from chatbot.conversations.texts import NOT_FOUND, OPEN_ATTEMPT
from chatbot.faqs.selectors import faq_for
from chatbot.providers.base import Passage, Piece, Prompt, ProviderFailed, Turn, Usage, estimated_tokens
from chatbot.providers.chain import stream
from chatbot.retrieval.judging import is_answered_by
from chatbot.retrieval.selectors import passages_for
from courses.api import open_questions_of
from e_learning.core.api.errors import InvalidInput, Unavailable

PURPOSE = "conversation"
#: After so long an answer is cut off, well before a sweep takes it for one that a crash left.
_MOST_SECONDS = 150.0
_Kept = Message.State


class TutorBrokeOff(Unavailable):
    """503: no provider answered, or one broke off. What had come is kept in the conversation."""

    code = "tutor_broke_off"
    message = _("The tutor broke off. What it wrote is kept; ask again in a moment.")


class BadQuestion(InvalidInput):
    code = "invalid_question"
    message = _("A question has 1 to 4000 characters.")

    def __init__(self) -> None:
        super().__init__(attr="content")


@dataclass(slots=True)
class _Draft:
    """What of an answer is there, whenever it ends."""

    outcome: Outcome = field(default_factory=Outcome)
    prompt: Prompt | None = None
    usage: Usage | None = None
    written: str = ""

    def tokens(self) -> tuple[int, int, str]:
        """Return what was read and written, and by whom: as the provider said, else estimated once words had come."""
        if self.usage is not None:
            return self.usage.prompt_tokens, self.usage.completion_tokens, self.usage.model
        if self.prompt is None or not self.written:
            return 0, 0, ""
        read = sum(estimated_tokens(turn.content) for turn in self.prompt.turns)
        return read, estimated_tokens(self.written), ""


def ask(*, user: User, conversation_id: int, content: str, language: str) -> Iterator[Said]:
    """Ask ``content``; returns the answer as it is written, with its citations and last ``Done``. Outside transactions.

    In order: severe words are answered by people's numbers; budget and place of the answer (``begin_answer``, with its
    refusals: 404, 409, 429); what an open attempt asks is declined; frequent questions; the learner's lessons, and a
    decline where these hold no answer; a provider's words. All before the provider is refused here, by an ApiError;
    once the answer is being read it ends with ``Done`` or raises ``TutorBrokeOff``. Closing it ends the provider's call
    and keeps what came. ``language`` is the caller's; a question in Devanagari is answered in Hindi.
    """
    question = content.strip()
    if not 0 < len(question) <= MOST_CHARACTERS:
        raise BadQuestion
    language = language_of_answer(question, language)
    if kind := severity_of(question):
        answer = flag_message(user=user, conversation_id=conversation_id, said=question, kind=kind, language=language)
        return iter([Delta(answer.content), _done(answer, [])])
    asked = begin_answer(user=user, conversation_id=conversation_id, question=question, language=language)
    return _answered(asked)


def language_of_answer(question: str, language: str) -> str:
    """Return Hindi where most letters of the question are Devanagari, else the caller's language."""
    letters = [character for character in question if character.isalpha()]
    devanagari = sum("\u0900" <= character <= "\u097f" for character in letters)
    if letters and devanagari * 2 > len(letters):
        return "hi"
    return "hi" if language.startswith("hi") else "en"


def _answered(asked: Asked) -> Iterator[Said]:
    """Write the answer and settle it, however the writing ends."""
    draft = _Draft()
    try:
        yield from _written(asked, draft)
    except GeneratorExit:
        _settle(asked, draft)
        raise
    except Exception as error:  # whatever it is, what was reserved is given back
        _settle(asked, draft)
        if not isinstance(error, ProviderFailed):
            raise
        raise TutorBrokeOff from error
    if not _settle(asked, draft):
        raise TutorBrokeOff
    outcome = draft.outcome
    yield from (Cited(**msgspec.structs.asdict(citation)) for citation in outcome.citations)
    yield _done(_row(asked, outcome), list(outcome.citations))


def _written(asked: Asked, draft: _Draft) -> Iterator[Said]:
    """Yield the answer's words. What is in ``draft`` at any moment is what would be kept."""
    open_questions = open_questions_of(asked.user.pk)
    if open_questions and _is_open_question(asked, open_questions):
        yield _declined(draft, OPEN_ATTEMPT, asked.language)
    elif faq := faq_for(asked.question, asked.language):
        draft.outcome = Outcome(_Kept.COMPLETE, faq.answer, model="faq")
        yield Delta(faq.answer)
    else:
        passages = passages_for(
            user=asked.user, question=asked.question, course_id=asked.course_id, content_id=asked.content_id
        )
        if passages and is_answered_by(asked.question, passages):
            yield from _from_passages(asked, draft, passages, open_questions)
        else:
            yield _declined(draft, NOT_FOUND, asked.language)


def _from_passages(
    asked: Asked, draft: _Draft, passages: Sequence[Passage], open_questions: Sequence[str]
) -> Iterator[Said]:
    """Yield a provider's words, as far as they are grounded. An answer that cites nothing is declined instead."""
    history = _history(asked, open_questions)
    prompt = prompt_for(question=asked.question, passages=passages, history=history, language=asked.language)
    text = GroundedText(prompt.passages)
    draft.prompt, until = prompt, time.monotonic() + _MOST_SECONDS
    pieces = stream(prompt, user_id=asked.user.pk, purpose=PURPOSE)
    with closing(cast(Generator[Piece | Usage], pieces)):
        for piece in pieces:
            if isinstance(piece, Usage):
                draft.usage = piece
                continue
            draft.written += piece.text
            if words := text.add(piece.text):
                draft.outcome.text = text.text
                yield Delta(words)
            if time.monotonic() > until:
                raise ProviderFailed("timed_out", began=True)
    if words := text.end():
        yield Delta(words)
    if text.is_grounded:
        draft.outcome = Outcome(_Kept.COMPLETE, text.text, citations_in(text.text, prompt.passages))
    else:
        yield _declined(draft, NOT_FOUND, asked.language)


def _declined(draft: _Draft, text: str | Promise, language: str) -> Delta:
    with translation.override(language):
        draft.outcome = Outcome(_Kept.DECLINED, str(text))
    return Delta(draft.outcome.text)


def _is_open_question(asked: Asked, questions: Sequence[str]) -> bool:
    before = asked_before(asked.conversation_id, asked.question_id)
    return asks_one_of(questions, said=asked.question, before=before)


def _history(asked: Asked, open_questions: Sequence[str]) -> list[Turn]:
    """Return what was said before; what is asked by an attempt that is open now was never said."""
    return [
        turn
        for question, answer in said_before(asked.conversation_id, asked.question_id)
        if not (open_questions and asks_one_of(open_questions, said=f"{question} {answer}"))
        for turn in (Turn("user", question), Turn("assistant", answer))
    ]


def _settle(asked: Asked, draft: _Draft) -> bool:
    """Keep what came. Where it took nothing and says nothing, it never was: its message does not count either."""
    outcome = draft.outcome
    outcome.prompt_tokens, outcome.completion_tokens, model = draft.tokens()
    outcome.model = outcome.model or model
    if outcome.state == _Kept.BROKEN:
        outcome.citations = citations_in(outcome.text, draft.prompt.passages if draft.prompt else ())
        outcome.is_free = not outcome.tokens
    return settle_answer(
        answer_id=asked.answer_id,
        user_id=asked.user.pk,
        day=asked.day,
        reserved_tokens=asked.reserved_tokens,
        outcome=outcome,
    )


def _row(asked: Asked, outcome: Outcome) -> Message:
    return Message(
        pk=asked.answer_id,
        role=Message.Role.ASSISTANT,
        content=outcome.text,
        state=outcome.state,
        model=outcome.model,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        created_at=asked.at,
    )


def _done(answer: Message, citations: list[TutorCitation]) -> Done:
    return Done(**msgspec.structs.asdict(shown(answer, citations)))
