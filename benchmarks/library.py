"""The school that search is measured in: 20,000 contents in 1,000 courses, 2,000 learners, and what they mistype.

Words are made up: some 30,000 of them, used as unevenly as words are (Zipf). "Lesson" stands in each title,
"practice" in every fourth. Imported once Django is set up for the run's own database.
"""

import random
from itertools import accumulate
from string import ascii_lowercase

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.catalogue.search import index_course
from courses.models import Content, Course, Enrollment, Module

COURSES, CONTENTS, LEARNERS, TEACHERS, COURSES_A_LEARNER = 1_000, 20, 2_000, 50, 10
WORDS, WORDS_A_TEXT = 30_000, 150
_BATCH = 1_000
_SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r", "s")]


class Library:
    """The words there are, drawn as unevenly as they are used."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        made: dict[str, None] = {}
        while len(made) < WORDS:
            made["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4)))] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / rank for rank in range(10, WORDS + 10)))

    def some(self, count: int) -> list[str]:
        return self.chance.choices(self.words, cum_weights=self._weights, k=count)


def write_library(chance: random.Random) -> dict[str, CustomUser]:
    """Fill an empty, migrated database and return who searches: a learner, a teacher and an admin."""
    library = Library(chance)
    teachers = _people("teacher", TEACHERS, role="instructor")
    learners = _people("learner", LEARNERS)
    [admin] = _people("admin", 1, role="admin")
    courses = _courses(library, teachers)
    _contents(library, courses)
    Enrollment.objects.bulk_create(
        [
            Enrollment(user=learner, course=course)
            for learner in learners
            for course in chance.sample(courses, COURSES_A_LEARNER)
        ],
        batch_size=_BATCH,
    )
    for course in courses:
        with transaction.atomic():
            index_course(course.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"a learner": learners[0], "a teacher": teachers[0], "an admin": admin}


def misspelt(word: str, chance: random.Random) -> str:
    """Return ``word`` with two neighbours that changed places; or, of six letters and more, with two wrong ones."""
    if len(word) >= 6 and chance.random() < 0.5:
        places = chance.sample(range(len(word)), 2)
        return "".join(chance.choice(ascii_lowercase) if at in places else letter for at, letter in enumerate(word))
    at = chance.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _people(name: str, count: int, **fields: str) -> list[CustomUser]:
    people = [
        CustomUser(
            email=f"{name}{number}@bench.school",
            username=f"{name}{number}",
            full_name=f"{name.title()} {number}",
            password="!",
            **fields,
        )
        for number in range(count)
    ]
    return CustomUser.objects.bulk_create(people, batch_size=_BATCH)


def _courses(library: Library, teachers: list[CustomUser]) -> list[Course]:
    courses = [
        Course(
            instructor=teachers[number % TEACHERS],
            title=" ".join(library.some(3)).title(),
            summary=" ".join(library.some(20)),
            description=" ".join(library.some(80)),
            is_published=number % 20 > 0,
            published_at=timezone.now(),
        )
        for number in range(COURSES)
    ]
    return Course.objects.bulk_create(courses, batch_size=_BATCH)


def _contents(library: Library, courses: list[Course]) -> None:
    modules = Module.objects.bulk_create(
        [Module(course=course, title=" ".join(library.some(2)), order=order) for course in courses for order in (1, 2)],
        batch_size=_BATCH,
    )
    contents = [
        Content(
            module=module,
            title=f"Lesson {order}: {' '.join(library.some(3))}{' practice' if order % 4 == 0 else ''}",
            section=" ".join(library.some(2)),
            content_type="text",
            text_html=f"<p>{' '.join(library.some(WORDS_A_TEXT))}</p>",
            is_preview=order == 1,
            order=order,
        )
        for module in modules
        for order in range(1, CONTENTS // 2 + 1)
    ]
    Content.objects.bulk_create(contents, batch_size=_BATCH)
