"""Reading conversations."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.api import User
from chatbot.conversations.frames import TutorCitation, TutorMessage
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.prompting import MOST_TURNS
from courses.api import course_row
from e_learning.core.api.errors import NotThere

#: A conversation shows its latest messages, so many.
MOST_MESSAGES = 200


def conversations_of(user: User) -> QuerySet[Conversation]:
    """Return the learner's own conversations, the one that was last spoken in first."""
    return Conversation.objects.visible_to(user)


def conversation_of(user: User, conversation_id: int) -> Conversation:
    """Return one's own conversation; refuses with 404 any other."""
    found = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if found is None:
        raise NotThere
    return found


def ids_of_own_among(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of ``(user_id, conversation_id)`` that are somebody's own conversation."""
    wanted = set(pairs)
    rows = Conversation.objects.filter(pk__in={conversation_id for _user_id, conversation_id in wanted})
    return wanted & set(rows.values_list("user_id", "pk"))


def messages_of(conversation_id: int) -> list[TutorMessage]:
    """Return the latest messages, oldest first, with their citations. Two statements."""
    return _latest(Message.objects.filter(conversation=conversation_id))


def transcript_messages_of(conversation_id: int) -> list[TutorMessage]:
    """Return the messages that whoever teaches may read: nothing that was flagged, nor what was said to it.

    What a child says of harm may be about the very person who teaches them. Staff reads it.
    """
    rows = Message.objects.filter(conversation=conversation_id, flag__isnull=True, answers__flag__isnull=True)
    return _latest(rows)


def transcripts_for(user: User, course_id: int) -> QuerySet[Conversation]:
    """Return the conversations about a course, with their learners, for its owner and admins.

    Refuses with 404 everybody else. Conversations without a course are in nobody's list, nor is one in which nothing
    was asked yet.
    """
    course = course_row(course_id)
    if course is None or not (user.is_admin or course.instructor_id == user.pk):
        raise NotThere
    return Conversation.objects.filter(~Q(title=""), course=course_id).select_related("user")


def transcript_for(user: User, course_id: int, conversation_id: int) -> Conversation:
    """Return one of ``transcripts_for``; 404 for any other."""
    found = transcripts_for(user, course_id).filter(pk=conversation_id).first()
    if found is None:
        raise NotThere
    return found


def said_before(conversation_id: int, question_id: int) -> list[tuple[str, str]]:
    """Return the last exchanges before a question, oldest first: what was asked, and what was answered to it.

    What was declined or broke off is left out, and what was flagged.
    """
    rows = (
        Message.objects.filter(
            conversation=conversation_id,
            answers__lt=question_id,
            state=Message.State.COMPLETE,
            answers__flag__isnull=True,
        )
        .order_by("-id")
        .values_list("answers__content", "content")
    )
    return [(asked or "", answered) for asked, answered in rows[: MOST_TURNS // 2]][::-1]


def asked_before(conversation_id: int, question_id: int, most: int = 3) -> list[str]:
    """Return the learner's last messages before a question, whatever became of them."""
    rows = Message.objects.filter(conversation=conversation_id, role=Message.Role.USER, pk__lt=question_id)
    return list(rows.order_by("-id").values_list("content", flat=True)[:most])


def _latest(rows: QuerySet[Message]) -> list[TutorMessage]:
    found = rows.order_by("-id").prefetch_related("citations")[:MOST_MESSAGES]
    return [shown(message, _citations_of(message)) for message in reversed(found)]


def shown(message: Message, citations: list[TutorCitation]) -> TutorMessage:
    return TutorMessage(
        id=message.pk,
        role=message.role,
        content=message.content,
        citations=citations,
        model=message.model,
        tokens=message.prompt_tokens + message.completion_tokens,
        state=message.state,
        is_helpful=message.is_helpful,
        created_at=message.created_at,
    )


def _citations_of(message: Message) -> list[TutorCitation]:
    return [
        TutorCitation(
            number=citation.number,
            content_id=citation.content_id,
            course_id=citation.course_id,
            title=citation.title,
            quote=citation.quote,
            start_seconds=citation.start_seconds,
        )
        for citation in message.citations.all()
    ]
