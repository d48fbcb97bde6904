"""Every write of conversations."""

from chatbot.conversations.services.asking import TutorBrokeOff, ask
from chatbot.conversations.services.beginning import AnswerPending
from chatbot.conversations.services.budgets import TutorBudgetSpent
from chatbot.conversations.services.flagging import mark_seen, tell_of_unseen_flags
from chatbot.conversations.services.opening import delete_conversation, open_conversation
from chatbot.conversations.services.rating import rate_answer
from chatbot.conversations.services.settling import settle_pending

__all__ = [
    "AnswerPending",
    "TutorBrokeOff",
    "TutorBudgetSpent",
    "ask",
    "delete_conversation",
    "mark_seen",
    "open_conversation",
    "rate_answer",
    "settle_pending",
    "tell_of_unseen_flags",
]
