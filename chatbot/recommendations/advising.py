"""What to learn next, and why: the best reasons first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from django.utils.translation import gettext as _

from accounts.api import User
from chatbot.recommendations.models import CourseNeighbour
from chatbot.recommendations.neighbours import MOST_NEIGHBOURS, Neighbour, nearest_to
from chatbot.recommendations.topics import wrong_now
from courses.api import (
    CourseToTake,
    OpenContent,
    ToldAnswer,
    courses_to_take_among,
    ids_of_courses_taken,
    ids_of_courses_to_take,
    needed_by_bookmarks,
    open_contents_about,
    open_steps_of,
    popular_courses_to_take,
    told_answers,
)

MOST_RECOMMENDED = 50
#: So many of the questions last answered wrongly are looked at.
_MOST_WRONG = 50
#: Rows that are read of what similar learners took: of somebody with very many courses, those that are likest.
_MOST_NEIGHBOURS_READ = 100 * MOST_NEIGHBOURS
CONTENT, COURSE = "content", "course"
REASONS = ("go_on", "begin", "repeat", "prerequisite", "similar_learners", "popular", "new")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A content that is open to the learner, or a course they could take (``content_id`` None).

    ``reason`` is a sentence in the language of the moment, ``reason_code`` one of ``REASONS``.
    """

    kind: str
    course_id: int
    course_title: str
    content_id: int | None
    title: str
    reason_code: str
    reason: str


def recommendations_for(user: User, *, limit: int) -> list[Recommendation]:
    """Return at most ``limit`` things to learn next, each once, in the order of their reasons.

    What is open and unfinished; contents on topics answered wrongly; what has to be completed before courses that were
    bookmarked; what similar learners took; what is popular. Seven statements at most, however much somebody takes; what
    comes later is not asked for where what comes before fills the list.
    """
    sources = (
        _to_go_on(user, limit),
        _to_repeat(user),
        _needed_first(user),
        _taken_by_similar(user),
        _popular(user, limit),
    )
    return list(islice(_each_once(chain.from_iterable(sources)), limit))


def _each_once(found: Iterable[Recommendation]) -> Iterator[Recommendation]:
    seen: set[tuple[int, int | None]] = set()
    for one in found:
        if (one.course_id, one.content_id) not in seen:
            seen.add((one.course_id, one.content_id))
            yield one


def _to_go_on(user: User, limit: int) -> Iterator[Recommendation]:
    for step in open_steps_of(user, most=limit):
        code, reason = (
            ("go_on", _("You are in the middle of “%(course)s”: this comes next."))
            if step.is_begun
            else ("begin", _("You have enrolled in “%(course)s”: it begins here."))
        )
        said = reason % {"course": step.course_title}
        yield Recommendation(CONTENT, step.course_id, step.course_title, step.content_id, step.title, code, said)


def _to_repeat(user: User) -> Iterator[Recommendation]:
    wrong = wrong_now(told_answers(user.pk))[:_MOST_WRONG]
    if not wrong:
        return
    topics, modules = {answer.topic for answer in wrong}, {answer.module_id for answer in wrong}
    lessons = open_contents_about(user, topics=topics, module_ids=modules)
    for answer in wrong:
        lesson = _lesson_about(answer, lessons)
        if lesson is not None:
            reason = _("Worth repeating: you answered a question on “%(topic)s” wrongly.") % {"topic": answer.topic}
            yield Recommendation(
                CONTENT, lesson.course_id, lesson.course_title, lesson.content_id, lesson.title, "repeat", reason
            )


def _lesson_about(answer: ToldAnswer, lessons: list[OpenContent]) -> OpenContent | None:
    """Return the first lesson of the question's course that is about its topic, else the first of its module."""
    here = [lesson for lesson in lessons if lesson.course_id == answer.course_id]
    about = (lesson for lesson in here if lesson.topic == answer.topic)
    return next(about, next((lesson for lesson in here if lesson.module_id == answer.module_id), None))


def _needed_first(user: User) -> Iterator[Recommendation]:
    needed = needed_by_bookmarks(user)
    if not needed:
        return
    to_take = courses_to_take_among(user, {one.course_id for one in needed})
    for one in needed:
        if one.course_id in to_take:
            reason = _("To be completed before “%(course)s”, which you bookmarked.") % {"course": one.wanted_title}
            yield _course(to_take[one.course_id], "prerequisite", reason)


def _taken_by_similar(user: User) -> Iterator[Recommendation]:
    titles: dict[int, str] = {}
    neighbours: dict[int, list[Neighbour]] = defaultdict(list)
    rows = CourseNeighbour.objects.filter(
        course__in=ids_of_courses_taken(user), neighbour__in=ids_of_courses_to_take(user)
    ).order_by("-score", "course_id", "neighbour_id")
    columns = ("course_id", "course__title", "neighbour_id", "neighbour__title", "score", "together")
    for course_id, title, neighbour_id, its_title, score, together in rows.values_list(*columns)[
        :_MOST_NEIGHBOURS_READ
    ]:
        titles |= {course_id: title, neighbour_id: its_title}
        neighbours[course_id].append(Neighbour(neighbour_id, score, together))
    for course_id, because in nearest_to(neighbours, neighbours):
        reason = _("Learners who took “%(course)s” also took this course.") % {"course": titles[because]}
        yield _course(CourseToTake(course_id, titles[course_id], 0), "similar_learners", reason)


def _popular(user: User, limit: int) -> Iterator[Recommendation]:
    for course in popular_courses_to_take(user, most=limit):
        if course.enrolled_count:
            yield _course(course, "popular", _("One of the courses that most learners take."))
        else:
            yield _course(course, "new", _("New, and open to you."))


def _course(course: CourseToTake, code: str, reason: str) -> Recommendation:
    return Recommendation(COURSE, course.course_id, course.title, None, course.title, code, reason)
