"""The beginning of an answer: what it may cost is reserved, the question and the place of its answer are stored."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from chatbot.conversations.models import Message
from chatbot.conversations.prompting import MOST_ANSWER_TOKENS, most_prompt_tokens
from chatbot.conversations.services.budgets import reserve
from chatbot.conversations.services.settling import settle_left_in
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.statements import row_of

_TITLE = 200
_SPOKEN_IN = """
    UPDATE chatbot_conversation
    SET last_message_at = %(now)s, title = CASE WHEN title = '' THEN %(title)s ELSE title END
    WHERE id = %(id)s AND user_id = %(user_id)s
    RETURNING course_id, content_id
"""


class AnswerPending(Conflict):
    code = "answer_pending"
    message = _("The tutor is still answering in this conversation. Wait for the answer.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is stored, and what its answer may cost, of which day. ``language`` is the answer's."""

    user: User
    conversation_id: int
    course_id: int | None
    content_id: int | None
    question: str
    question_id: int
    answer_id: int
    language: str
    day: date
    reserved_tokens: int
    at: datetime


class Place(NamedTuple):
    """What a conversation is about."""

    course_id: int | None
    content_id: int | None


def begin_answer(*, user: User, conversation_id: int, question: str, language: str) -> Asked:
    """Store ``question`` and a pending answer. One transaction: four statements, where no answer is in the way.

    Order: the conversation, whose row lets one in at a time; the day's budget; the question; its answer, of which one
    may be pending. Refuses: 404, 429 ``tutor_budget_spent``, 409 ``answer_pending``. An answer that was left pending
    by a crash is in nobody's way.
    """
    try:
        return _begun(user, conversation_id, question, language)
    except IntegrityError as error:
        if not settle_left_in(conversation_id, now=timezone.now()):
            raise AnswerPending from error
    try:
        return _begun(user, conversation_id, question, language)
    except IntegrityError as error:
        raise AnswerPending from error


def spoken_in(*, user_id: int, conversation_id: int, now: datetime, title: str) -> Place:
    """Note that the conversation was spoken in, and lock its row; refuses with 404 where it is not the user's.

    ``title`` becomes its title where it has none.
    """
    values = {"now": now, "title": title[:_TITLE], "id": conversation_id, "user_id": user_id}
    found = row_of(_SPOKEN_IN, values)
    if found is None:
        raise NotThere
    return Place(*found)


@transaction.atomic
def _begun(user: User, conversation_id: int, question: str, language: str) -> Asked:
    now, tokens = timezone.now(), most_prompt_tokens(question) + MOST_ANSWER_TOKENS
    title = " ".join(question.split())
    place = spoken_in(user_id=user.pk, conversation_id=conversation_id, now=now, title=title)
    day = reserve(user_id=user.pk, tokens=tokens, now=now)
    asked = Message.objects.create(conversation_id=conversation_id, role="user", content=question, created_at=now)
    answer = Message.objects.create(
        conversation_id=conversation_id,
        role="assistant",
        state=Message.State.PENDING,
        answers=asked,
        reserved_tokens=tokens,
        reserved_on=day,
        created_at=now,
    )
    return Asked(
        user=user,
        conversation_id=conversation_id,
        course_id=place.course_id,
        content_id=place.content_id,
        question=question,
        question_id=asked.pk,
        answer_id=answer.pk,
        language=language,
        day=day,
        reserved_tokens=tokens,
        at=now,
    )
