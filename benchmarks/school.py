"""The school that is measured: 2,000 learners, 200 courses of 6 modules of 5 contents, 20,000 enrolments.

Imported once Django is set up for the run's own database.
"""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import CustomUser, Session
from benchmarks.traffic import School
from courses.models import Category, Content, Course, Enrollment, Module
from e_learning.core.api.tokens import issue_access_token

USERS, COURSES, MODULES, CONTENTS, COURSES_A_USER = 2000, 200, 6, 5, 10
#: Of the 30 contents of a course, how many a learner has begun and how many of those are complete.
BEGUN, COMPLETED = 15, 7
_BATCH = 2000


def write_school() -> School:
    """Fill an empty, migrated database."""
    learners = _learners()
    tokens = _tokens(learners)
    contents = _courses(teacher=learners[0])
    courses = list(contents)
    pairs = [
        (learner.pk, courses[(place * 7 + turn * (COURSES // COURSES_A_USER)) % COURSES])
        for place, learner in enumerate(learners[1:])
        for turn in range(COURSES_A_USER)
    ]
    rows = [Enrollment(user_id=user, course_id=course, completed_count=COMPLETED) for user, course in pairs]
    Enrollment.objects.bulk_create(rows, batch_size=_BATCH)
    _write_progress()
    return School(tokens, contents, pairs)


def _learners() -> list[CustomUser]:
    people = [
        CustomUser(
            email=f"learner{number}@bench.school",
            username=f"learner{number}",
            full_name=f"Learner {number}",
            password="!",
        )
        for number in range(USERS + 1)
    ]
    return CustomUser.objects.bulk_create(people, batch_size=_BATCH)


def _tokens(people: list[CustomUser]) -> dict[int, str]:
    now = timezone.now()
    until = now + timedelta(seconds=settings.REFRESH_TOKEN_SECONDS)
    rows = [
        Session(user=person, created_at=now, rotated_at=now, last_seen_at=now, expires_at=until) for person in people
    ]
    sessions = Session.objects.bulk_create(rows, batch_size=_BATCH)
    return {row.user_id: issue_access_token(user_id=row.user_id, session_id=row.pk) for row in sessions}


def _courses(*, teacher: CustomUser) -> dict[int, list[int]]:
    category = Category.objects.create(name="Languages", slug="languages")
    courses = Course.objects.bulk_create(
        Course(
            instructor=teacher,
            title=f"Course {number}",
            summary="What it is about, in a sentence of usual length for a catalogue.",
            description="A longer description of what is learnt here. " * 8,
            category=category,
            learning_objectives=["Greet people", "Ask the way", "Order a meal"],
            rating=Decimal("4.50"),
            is_published=True,
            published_at=timezone.now(),
            content_count=MODULES * CONTENTS,
            duration=MODULES * CONTENTS * 600,
        )
        for number in range(COURSES)
    )
    modules = Module.objects.bulk_create(
        Module(course=course, title=f"Module {order}", description="What this part is for.", order=order)
        for course in courses
        for order in range(1, MODULES + 1)
    )
    contents = Content.objects.bulk_create(
        [
            Content(
                module=module,
                title=f"Lesson {order}",
                content_type="video",
                video_duration=600,
                order=order,
                is_preview=order == 1,
            )
            for module in modules
            for order in range(1, CONTENTS + 1)
        ],
        batch_size=_BATCH,
    )
    by_course: dict[int, list[int]] = {course.pk: [] for course in courses}
    for content in contents:
        by_course[content.module.course_id].append(content.pk)
    return by_course


def _write_progress() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO courses_progress
                (enrollment_id, content_id, time_spent, last_position, position_at, watched, is_completed, updated_at)
            SELECT e.id, c.id, 60, 60, now() - interval '1 day', '[]', c.place <= %(completed)s::int,
                now() - interval '1 day'
            FROM courses_enrollment e JOIN (
                SELECT c.id, m.course_id,
                    row_number() OVER (PARTITION BY m.course_id ORDER BY m."order", c."order") AS place
                FROM courses_content c JOIN courses_module m ON m.id = c.module_id
            ) AS c ON c.course_id = e.course_id AND c.place <= %(begun)s::int
            """,
            {"begun": BEGUN, "completed": COMPLETED},
        )
        cursor.execute("VACUUM ANALYZE")
