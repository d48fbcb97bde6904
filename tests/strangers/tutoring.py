"""What Bilal asked the tutor about Asha's course, what was drafted for it, and how a stranger would ask for either."""

from dataclasses import dataclass
from typing import Any

from accounts.models import CustomUser
from chatbot.models import Conversation, Draft, Job, Message
from courses.models import Course
from tests.factories.courses import contents_of

_OF_JOBS = ("chatbot_job", "chatbot_job_accept", "chatbot_job_delete", "chatbot_job_reject")


@dataclass
class Tutoring:
    """One conversation of Bilal's, a question and its answer; and one draft of a question."""

    conversation: Conversation
    answer: Message
    draft: Draft

    def path_ids(self, operation: str) -> dict[str, int]:
        """Return what the operation's address names, where it is one of ours."""
        if not operation.startswith("chatbot_"):
            return {}
        ids = {
            "chatbot_feedback": self.answer.pk,
            "chatbot_transcripts": self.conversation.course_id or 0,
            "chatbot_study": self.draft.content_id,
            **dict.fromkeys(_OF_JOBS, self.draft.job_id),
        }
        if operation == "chatbot_transcript":
            return {"id": self.conversation.course_id or 0, "conversation_id": self.conversation.pk}
        return {"id": ids.get(operation, self.conversation.pk)}

    def body(self, operation: str) -> dict[str, Any] | None:
        bodies: dict[str, dict[str, Any]] = {
            "chatbot_ask": {"content": "What are the secret words?"},
            "chatbot_conversations_create": {"course_id": self.conversation.course_id},
            "chatbot_feedback": {"helpful": True},
            "chatbot_generate": {"course_id": self.conversation.course_id, "kind": "questions"},
            "chatbot_job_accept": {"drafts": [{"id": self.draft.pk}]},
            "chatbot_job_reject": {"drafts": [self.draft.pk]},
        }
        return bodies.get(operation)

    def query(self, operation: str) -> str:
        course_id = self.conversation.course_id
        queries = {
            "chatbot_analyze": f"?course={course_id}&student={self.conversation.user_id}",
            "chatbot_learning_path": f"?course={course_id}",
        }
        return queries.get(operation, "")


def tutoring_in(course: Course, bilal: CustomUser) -> Tutoring:
    """Return what ``bilal`` asked about ``course``, and what was drafted for it."""
    conversation = Conversation.objects.create(user=bilal, course=course, title="Secret")
    question = Message.objects.create(conversation=conversation, role="user", content="Secret")
    answer = Message.objects.create(conversation=conversation, role="assistant", content="Secret", answers=question)
    job = Job.objects.create(course=course, kind="questions", difficulty="easy", count=1, status="succeeded")
    content = contents_of(course)[0]
    draft = Draft.objects.create(job=job, content=content, order=1, body={"question_text": "Secret"}, quote="Secret")
    return Tutoring(conversation, answer, draft)
