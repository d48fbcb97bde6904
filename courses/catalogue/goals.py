"""The course that fits what somebody wants to learn."""

from courses.catalogue.models import Course
from courses.catalogue.search import ask, found_by, ranked


def course_for_goal(words: str) -> int | None:
    """Return the id of the public course that fits ``words`` best, None where none does; two statements.

    Fits as the course list is searched: by all words, else by any, misspelt ones led to what was meant.
    """
    question = ask(words)
    public = Course.objects.filter(is_published=True, archived_at__isnull=True)
    if not question.words:
        return None
    return ranked(question, public.filter(found_by(question, within=public))).values_list("pk", flat=True).first()
