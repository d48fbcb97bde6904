"""What is kept beside a course, brought in line with its rows in the writer's transaction."""

from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce, Least

from courses.catalogue.models import Category, Content, Course
from courses.catalogue.search import index_course

_MOST_SECONDS = 2**31 - 1


def touch_course(course_id: int) -> None:
    """Count a change of what the catalogue shows of the course: bodies kept under the old version are stale."""
    Course.objects.filter(pk=course_id).update(version=F("version") + 1)


def refresh_course(course_id: int) -> None:
    """Bring all that is kept of the course in line after its texts, modules or contents changed.

    Its counts, its version, the library's shelves and the search document.
    """
    # Grouped by nothing but the course: one row, or none for a course without contents.
    contents = Content.objects.filter(module__course=OuterRef("pk")).order_by().values("module__course")
    Course.objects.filter(pk=course_id).update(
        version=F("version") + 1,
        content_count=Coalesce(Subquery(contents.annotate(n=Count("pk")).values("n")), 0),
        duration=Least(
            Coalesce(Subquery(contents.annotate(seconds=Sum("video_duration")).values("seconds")), 0), _MOST_SECONDS
        ),
    )
    _shelve(course_id)
    index_course(course_id)


def hold_contents_of(course_id: int) -> None:
    """Hold the contents' rows before the course's is written with another grade or subject, until the commit.

    Contents first, then their course: the order in which everybody else takes them. Taken the other way
    round, an edit of a content at the same moment and this one would wait for each other.
    """
    contents = Content.objects.filter(module__course_id=course_id).order_by("id")
    list(contents.select_for_update(of=("self",), no_key=True).values_list("id"))


def _shelve(course_id: int) -> None:
    """Put the course's contents on the shelves of the library that they belong to, where they are not yet."""
    of_course = Course.objects.filter(modules=OuterRef("module_id"))
    grade, subject = (
        Case(When(~Q(**{name: ""}), then=F(name)), default=Subquery(of_course.values(name)[:1]))
        for name in ("grade", "subject")
    )
    contents = Content.objects.filter(module__course_id=course_id)
    contents.exclude(shelf_grade=grade, shelf_subject=subject).update(shelf_grade=grade, shelf_subject=subject)


def refresh_courses_taught_by(user_id: int) -> None:
    """Show an instructor's new name or portrait in the courses they teach."""
    for course_id in Course.objects.filter(instructor_id=user_id).values_list("pk", flat=True):
        touch_course(course_id)
        index_course(course_id)


def refresh_courses_in(category: Category) -> None:
    """Show a category's new name in its courses."""
    for course_id in Course.objects.filter(category=category).values_list("pk", flat=True):
        touch_course(course_id)
        index_course(course_id)
