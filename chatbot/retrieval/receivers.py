"""What the index hears. What is not told, edits for one, the sweep finds."""

from chatbot.retrieval.tasks import index_course
from courses.events import CoursePublished
from e_learning.core.wake import wake_on_commit


def on_course_published(event: CoursePublished) -> None:
    wake_on_commit(index_course, event.course_id)
