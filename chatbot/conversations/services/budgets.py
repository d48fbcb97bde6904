"""A learner's day with the tutor, in messages and tokens: taken before a call, settled after it.

The condition on the row's own update is the limit. Of any number at once none gets past it, on either database.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import DayBudget
from e_learning.core.api.errors import TooMany
from e_learning.core.statements import row_of

RESERVE = """
    INSERT INTO chatbot_daybudget (user_id, day, messages, tokens) VALUES (%(user_id)s, %(day)s, 1, %(tokens)s)
    ON CONFLICT (user_id, day) DO UPDATE
    SET messages = chatbot_daybudget.messages + 1, tokens = chatbot_daybudget.tokens + excluded.tokens
    WHERE chatbot_daybudget.messages < %(most_messages)s
    AND chatbot_daybudget.tokens + excluded.tokens <= %(most_tokens)s
    RETURNING id
"""


class TutorBudgetSpent(TooMany):
    """429 with ``Retry-After`` until the next day begins, in UTC."""

    code = "tutor_budget_spent"
    message = _("You have asked the tutor as much as you can in a day. Ask again tomorrow.")


def reserve(*, user_id: int, tokens: int, now: datetime) -> date:
    """Take one message and ``tokens`` of the day; returns the day. One statement. Refuses: 429 ``tutor_budget_spent``.

    Belongs into the transaction that stores the answer for which it is taken: that row says what is to be given back.
    """
    day = now.astimezone(UTC).date()
    most_messages, most_tokens = settings.TUTOR_MESSAGES_A_DAY, settings.TUTOR_TOKENS_A_DAY
    fits_a_new_day = most_messages > 0 and tokens <= most_tokens
    values = {"user_id": user_id, "day": day.isoformat(), "tokens": tokens}
    limits = {"most_messages": most_messages, "most_tokens": most_tokens}
    if not fits_a_new_day or row_of(RESERVE, values | limits) is None:
        raise TutorBudgetSpent(seconds_to_midnight(now))
    return day


def give_back(*, user_id: int, day: date, tokens: int, messages: int) -> None:
    """Put back what was taken and not used; below zero ``tokens``, more was used than was taken. One statement."""
    DayBudget.objects.filter(user=user_id, day=day).update(
        tokens=F("tokens") - tokens, messages=F("messages") - messages
    )


def seconds_to_midnight(now: datetime) -> int:
    utc = now.astimezone(UTC)
    midnight = datetime.combine(utc.date() + timedelta(days=1), time(), tzinfo=UTC)
    return int((midnight - utc).total_seconds()) + 1
