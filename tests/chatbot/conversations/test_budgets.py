"""A day's budget: reserved before, settled after, and never overspent, however many ask at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.conversations.prompting import MOST_ANSWER_TOKENS, most_prompt_tokens
from chatbot.conversations.services import AnswerPending, TutorBudgetSpent, budgets, settle_pending
from chatbot.conversations.services.beginning import Asked, begin_answer
from chatbot.conversations.services.settling import Outcome, settle_answer
from chatbot.models import Conversation, DayBudget, Message
from tests.crowd import AllAtOnce, crowd
from tests.thorough import times

AT_ONCE = 32
ROUNDS = times(20, few=3)
OF_ONE = most_prompt_tokens("Why?") + MOST_ANSWER_TOKENS


def begun(user: CustomUser, conversation: Conversation) -> Asked:
    return begin_answer(user=user, conversation_id=conversation.pk, question="Why?", language="en")


def settled(asked: Asked, **outcome: Any) -> bool:
    return settle_answer(
        answer_id=asked.answer_id,
        user_id=asked.user.pk,
        day=asked.day,
        reserved_tokens=asked.reserved_tokens,
        outcome=Outcome(**outcome),
    )


def spent() -> tuple[int, int]:
    row = DayBudget.objects.get()
    return row.messages, row.tokens


@pytest.fixture
def talk(bilal: CustomUser) -> Conversation:
    return Conversation.objects.create(user=bilal)


@pytest.mark.django_db
def test_what_was_reserved_comes_to_what_was_used(bilal: CustomUser, talk: Conversation) -> None:
    asked = begun(bilal, talk)
    assert spent() == (1, OF_ONE)
    assert settled(asked, state="complete", text="Because.", prompt_tokens=30, completion_tokens=4)
    assert spent() == (1, 34)
    assert not settled(asked, state="broken", is_free=True)
    assert spent() == (1, 34)
    assert Message.objects.get(pk=asked.answer_id).content == "Because."


@pytest.mark.django_db
def test_one_answer_at_a_time_and_a_refusal_takes_nothing(bilal: CustomUser, talk: Conversation) -> None:
    begun(bilal, talk)
    with pytest.raises(AnswerPending):
        begun(bilal, talk)
    assert spent() == (1, OF_ONE)
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_an_answer_that_a_crash_left_is_in_nobodys_way(bilal: CustomUser, talk: Conversation) -> None:
    left = begun(bilal, talk)
    Message.objects.filter(pk=left.answer_id).update(created_at=timezone.now() - timedelta(minutes=4))
    begun(bilal, talk)
    assert spent() == (1, OF_ONE)
    assert Message.objects.get(pk=left.answer_id).state == "broken"


@pytest.mark.django_db
def test_the_sweep_gives_back_what_a_crash_left_and_no_more(bilal: CustomUser, talk: Conversation) -> None:
    begun(bilal, talk)
    assert settle_pending() == 0
    assert settle_pending(now=timezone.now() + timedelta(minutes=4)) == 1
    assert spent() == (0, 0)
    assert settle_pending(now=timezone.now() + timedelta(minutes=4)) == 0


@pytest.mark.django_db
def test_a_spent_day_says_when_the_next_begins(bilals: APIClient, talk: Conversation, settings: Any) -> None:
    settings.TUTOR_MESSAGES_A_DAY = 1
    path = f"/api/chatbot/conversations/{talk.pk}/messages/"
    assert bilals.post(path, {"content": "Why?"}, format="json").status_code == 201
    refused = bilals.post(path, {"content": "Why?"}, format="json")
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["code"] == "tutor_budget_spent"
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    assert Message.objects.count() == 2


def test_the_day_ends_at_midnight_utc() -> None:
    assert budgets.seconds_to_midnight(datetime(2026, 3, 11, 23, 59, 0, tzinfo=UTC)) == 61


@pytest.mark.django_db
def test_a_budget_too_small_for_one_message_lets_none_in(bilal: CustomUser, talk: Conversation, settings: Any) -> None:
    settings.TUTOR_TOKENS_A_DAY = OF_ONE - 1
    with pytest.raises(TutorBudgetSpent):
        begun(bilal, talk)
    assert not DayBudget.objects.exists()


# --- many at once ---------------------------------------------------------------------------------
@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def talks(bilal: CustomUser) -> list[Conversation]:
    return [Conversation.objects.create(user=bilal) for _ in range(AT_ONCE)]


def let_in(all_at_once: AllAtOnce, bilal: CustomUser, talks: list[Conversation]) -> int:
    """Have 32 ask at once, each in a conversation of its own; returns how many were let in."""
    Message.objects.all().delete()
    DayBudget.objects.all().delete()
    asked = all_at_once(*[lambda talk=talk: begun(bilal, talk) for talk in talks])
    assert all(isinstance(one, Asked | TutorBudgetSpent) for one in asked), asked
    return sum(isinstance(one, Asked) for one in asked)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("edge", ["messages", "tokens"])
def test_of_32_at_once_no_more_are_let_in_than_the_budget_holds(
    all_at_once: AllAtOnce, bilal: CustomUser, talks: list[Conversation], settings: Any, edge: str
) -> None:
    settings.TUTOR_MESSAGES_A_DAY = 5 if edge == "messages" else 1000
    settings.TUTOR_TOKENS_A_DAY = 5 * OF_ONE + 17 if edge == "tokens" else 10**8
    for _ in range(ROUNDS):
        assert let_in(all_at_once, bilal, talks) == 5
        assert spent() == (5, 5 * OF_ONE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_without_the_condition_all_who_looked_before_are_let_in(
    all_at_once: AllAtOnce, bilal: CustomUser, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TUTOR_MESSAGES_A_DAY = 5
    before, _condition, after = budgets.RESERVE.partition("WHERE")
    monkeypatch.setattr(budgets, "RESERVE", f"{before} RETURNING{after.partition('RETURNING')[2]}")
    all_have_looked = Barrier(AT_ONCE)

    def look_then_reserve() -> bool:
        is_spent = DayBudget.objects.filter(user=bilal, messages__gte=5).exists()
        all_have_looked.wait(timeout=60)
        if not is_spent:
            budgets.reserve(user_id=bilal.pk, tokens=1, now=timezone.now())
        return not is_spent

    assert all_at_once(*[look_then_reserve] * AT_ONCE) == [True] * AT_ONCE
    assert spent()[0] > settings.TUTOR_MESSAGES_A_DAY


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_of_32_questions_in_one_conversation_one_is_answered(
    all_at_once: AllAtOnce, bilal: CustomUser, talk: Conversation
) -> None:
    asked = all_at_once(*[lambda: begun(bilal, talk)] * AT_ONCE)
    assert sum(isinstance(one, Asked) for one in asked) == 1
    assert all(isinstance(one, Asked | AnswerPending) for one in asked)
    assert spent() == (1, OF_ONE)
    assert Message.objects.count() == 2
