"""How learners do, for themselves and for whoever teaches them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.api import User
from chatbot.recommendations.topics import STRONG, WEAK, Topic, topics_of
from courses.api import may_read_answers_of, may_see_course, told_answers
from e_learning.core.api.errors import InvalidInput, NotThere


@dataclass(frozen=True, slots=True)
class Analysis:
    """How one learner does by topic, in one course or (``course_id`` None) in all."""

    student_id: int
    course_id: int | None
    topics: list[Topic]

    @property
    def strengths(self) -> list[str]:
        return [topic.topic for topic in reversed(self.topics) if topic.level == STRONG]

    @property
    def weaknesses(self) -> list[str]:
        return [topic.topic for topic in self.topics if topic.level == WEAK]


def analysis_for(reader: User, *, course_id: int | None = None, student_id: int | None = None) -> Analysis:
    """Return ``reader``'s own analysis, or that of a student of theirs; three statements at most.

    Somebody else's: for who teaches the named course, of a student who is or was enrolled in it and of its quizzes
    alone; for admins of anybody. Refuses with 404 everybody else, a course they may not know of, and an unknown
    student; with 400 who teaches and names no course.
    """
    if student_id not in (None, reader.pk):
        return _of_student(reader, student_id, course_id)
    if course_id is not None and not may_see_course(reader, course_id):
        raise NotThere
    return Analysis(reader.pk, course_id, topics_of(told_answers(reader.pk, course_id=course_id)))


def _of_student(reader: User, student_id: int, course_id: int | None) -> Analysis:
    if course_id is None and reader.may_teach and not reader.is_admin:
        raise InvalidInput(_("Name the course."), code="required", attr="course")
    if not may_read_answers_of(reader, student_id, course_id):
        raise NotThere
    if course_id is not None and not may_see_course(reader, course_id):
        raise NotThere
    answers = told_answers(student_id, course_id=course_id, in_quizzes_only=not reader.is_admin)
    return Analysis(student_id, course_id, topics_of(answers))
