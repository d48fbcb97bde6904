"""What learners think of answers."""

from accounts.api import User
from chatbot.conversations.models import Message
from e_learning.core.api.errors import NotThere


def rate_answer(*, user: User, message_id: int, helpful: bool, comment: str = "") -> None:
    """Note whether an answer of one's own conversations helped; the last word counts. 404 for anything else."""
    answers = Message.objects.filter(pk=message_id, role=Message.Role.ASSISTANT, conversation__user=user)
    if not answers.exclude(state=Message.State.PENDING).update(is_helpful=helpful, feedback=comment):
        raise NotThere
