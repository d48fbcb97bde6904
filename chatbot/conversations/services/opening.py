"""Conversations opened and deleted."""

from django.db import transaction
from django.utils import timezone

from accounts.api import User
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.services.beginning import AnswerPending
from chatbot.conversations.services.settling import settle_left_in
from courses.api import can_access, course_of_content
from e_learning.core.api.errors import NotThere


def open_conversation(*, user: User, course_id: int | None = None, content_id: int | None = None) -> Conversation:
    """Open a conversation about a course, a content of it, or whatever is open to ``user``.

    Refuses with 404 what is not open to them, and a content that is of another course than ``course_id``.
    """
    if content_id is not None:
        found = course_of_content(content_id)
        if found is None or course_id not in (None, found):
            raise NotThere
        course_id = found
    if course_id is not None and not can_access(user, course_id):
        raise NotThere
    return Conversation.objects.create(user=user, course_id=course_id, content_id=content_id)


@transaction.atomic
def delete_conversation(*, user: User, conversation_id: int) -> None:
    """Delete all that was said in it; flags keep their words, and what was spent stays spent.

    Refuses: 404, 409 ``answer_pending`` while an answer is being written, whose budget could not be settled any more.
    """
    mine = Conversation.objects.visible_to(user).filter(pk=conversation_id)
    now = timezone.now()
    if not mine.update(last_message_at=now):  # holds off whoever asks meanwhile, until it is gone
        raise NotThere
    settle_left_in(conversation_id, now=now)
    if Message.objects.filter(conversation=conversation_id, state=Message.State.PENDING).exists():
        raise AnswerPending
    mine.delete()
