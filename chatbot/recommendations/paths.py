"""The way to and through a course, step by step, from what it needs and what is mastered."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.api import User
from chatbot.recommendations.topics import STRONG, topics_of
from chatbot.terms import STOP_WORDS
from courses.api import CoursePath, PathContent, PathCourse, course_for_goal, course_path, told_answers
from e_learning.core.api.errors import NotThere
from e_learning.core.words import words_of

COURSE, CONTENT = "course", "content"
#: Of a course, then of a content; ``locked`` is said of both.
STATES = ("done", "in_progress", "to_take", "mastered", "next", "later", "locked")
#: With these people say that they have a goal, not which: beside the words of every sentence.
_OF_GOALS = frozenset({*STOP_WORDS, "become", "course", "goal", "learn", "learning", "study", "सीखना", "सीखनी", "कोर्स"})


class NoCourseForGoal(NotThere):
    code = "no_course_for_goal"
    message = gettext_lazy("No course fits this goal. Try other words.")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``reason`` is a sentence in the language of the moment; ``module`` is a content's, else empty."""

    kind: str
    course_id: int
    content_id: int | None
    title: str
    module: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class LearningPath:
    course_id: int
    title: str
    steps: list[Step]


def path_asked_for(user: User, *, course: int | None = None, goal: str = "") -> LearningPath:
    """Return the path to a course by its id, else to a goal; refuses as these do."""
    return path_to_goal(user=user, goal=goal) if course is None else path_to_course(user=user, course_id=course)


def path_to_goal(*, user: User, goal: str) -> LearningPath:
    """Return the path of the public course that fits ``goal`` best; 404 ``no_course_for_goal`` where none does."""
    words = [word for word in words_of(goal) if word not in _OF_GOALS]
    course_id = course_for_goal(" ".join(words))
    if course_id is None:
        raise NoCourseForGoal
    return path_to_course(user=user, course_id=course_id)


def path_to_course(*, user: User, course_id: int) -> LearningPath:
    """Return the steps to and through the course; 404 for one that ``user`` may not know of. Six statements at most.

    First the courses to complete before it, each after those that it needs itself, then the course where it is not
    taken yet, then its contents in their order. Contents are named by their titles, as on the course's page.
    """
    path = course_path(user=user, course_id=course_id)
    steps = [_course_step(course, for_title=path.course.title) for course in path.before]
    if not path.is_open:
        steps.append(_course_step(path.course))
    strong = {
        topic.topic.casefold()
        for topic in topics_of(told_answers(user.pk, course_id=course_id))
        if topic.level == STRONG
    }
    return LearningPath(path.course.course_id, path.course.title, [*steps, *_content_steps(path, strong)])


def _course_step(course: PathCourse, *, for_title: str = "") -> Step:
    state, reason = _state_of_course(course, for_title)
    return Step(COURSE, course.course_id, None, course.title, "", state, reason)


def _state_of_course(course: PathCourse, for_title: str) -> tuple[str, str]:
    if course.is_completed:
        return "done", _("You have completed it.")
    if course.is_taken:
        return "in_progress", _("You are in it: go on.")
    if not course.is_ready:
        return "locked", _("Complete the courses before it first.")
    if for_title:
        return "to_take", _("To be completed before “%(course)s”.") % {"course": for_title}
    return "to_take", _("Enrol to open its lessons.")


def _content_steps(path: CoursePath, strong: set[str]) -> Iterator[Step]:
    following = _following(path, strong)
    for content in path.contents:
        state, reason = _state_of_content(content, path, strong, following)
        yield Step(
            CONTENT, path.course.course_id, content.content_id, content.title, content.module_title, state, reason
        )


def _following(path: CoursePath, strong: set[str]) -> int | None:
    """Return the id of the content to do next: the first open one that is neither done nor mastered, else not done."""
    undone = [content for content in path.contents if not content.is_completed and _is_open(content, path)]
    new = next((content for content in undone if not _is_mastered(content, strong)), None)
    following = new or next(iter(undone), None)
    return following.content_id if following else None


def _state_of_content(
    content: PathContent, path: CoursePath, strong: set[str], following: int | None
) -> tuple[str, str]:
    if content.content_id == following:
        return "next", _("This comes next.")
    if _is_mastered(content, strong):
        return "mastered", _("Your answers show that you know this topic well.")
    if content.is_completed:
        return "done", _("You have completed it.")
    if _is_open(content, path):
        return "later", _("Open to you, after what comes before it.")
    return "locked", _("Opens when you enrol in the course.")


def _is_open(content: PathContent, path: CoursePath) -> bool:
    return path.is_open or content.is_preview


def _is_mastered(content: PathContent, strong: set[str]) -> bool:
    """A lesson whose topic, or module, the learner answers well. A quiz is done only by passing it."""
    return not content.is_quiz and (content.topic or content.module_title).strip().casefold() in strong
