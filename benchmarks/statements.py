"""What the floor asks of the database: the product's own statements, and the course page as one of json_agg.

Imported once Django is set up. The product's statements are taken from where the product runs
them, so that the two sides can't drift apart; a change of their columns or names shows at once.
"""

import re
from dataclasses import asdict, dataclass

from accounts.api import LIVE_CALLER_SQL
from courses.learning import course_page
from courses.learning.services import progress


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``$1``-style parameters, and what each of them is called."""

    text: str
    names: list[str]


def _numbered(text: str) -> Statement:
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return Statement(re.sub(r"%\((\w+)\)s", number, text), names)


# The floor runs the very text, so it reaches for what the modules keep to themselves.
_READER = course_page._SIGNED_IN["postgresql"]

_BODY = """
    json_build_object(
        'id', co.id, 'title', co.title, 'summary', co.summary,
        'price', (co.price_paise / 100.0)::numeric(12, 2)::text, 'currency', 'INR',
        'thumbnail', NULL, 'category', {category}, 'level', co.level, 'language', co.language,
        'subject', co.subject, 'grade', co.grade, 'rating', co.rating::float, 'rating_count', co.rating_count,
        'enrolled_count', co.enrolled_count, 'duration', co.duration, 'content_count', co.content_count,
        'is_trending', co.is_trending, 'is_premium', co.price_paise > 0,
        'instructor', {instructor},
        'description', co.description, 'learning_objectives', co.learning_objectives,
        'prerequisites', COALESCE((
            SELECT json_agg(json_build_object('id', p.id, 'title', p.title) ORDER BY p.id)
            FROM courses_course_prerequisites cp JOIN courses_course p ON p.id = cp.to_course_id
            WHERE cp.from_course_id = co.id), '[]'::json),
        'version', co.version,
        'modules', (
            SELECT json_agg(json_build_object(
                'id', m.id, 'title', m.title, 'description', m.description, 'order', m."order",
                'contents', (
                    SELECT json_agg(json_build_object(
                        'id', c.id, 'title', c.title, 'section', c.section, 'content_type', c.content_type,
                        'duration', c.video_duration, 'is_preview', c.is_preview, 'order', c."order",
                        'is_locked', {is_locked}, 'is_completed', {is_completed}
                    ) ORDER BY c."order", c.id)
                    FROM courses_content c WHERE c.module_id = m.id)
            ) ORDER BY m."order", m.id)
            FROM courses_module m WHERE m.course_id = co.id),
        'my', {my})::text
    FROM courses_course co
    JOIN accounts_customuser teacher ON teacher.id = co.instructor_id
    LEFT JOIN courses_category category ON category.id = co.category_id
"""
_SHARED = {
    "category": "json_build_object('id', category.id, 'name', category.name, 'slug', category.slug)",
    "instructor": "json_build_object("
    "'id', teacher.id, 'username', teacher.username, 'full_name', teacher.full_name, 'profile_image', NULL)",
}
_BUILT_FOR_ANYONE = (
    "SELECT "
    + _BODY.format(is_locked="NOT c.is_preview", is_completed="FALSE", my="NULL", **_SHARED)
    + " WHERE co.id = %(course_id)s AND co.is_published AND co.archived_at IS NULL"
)
_DONE = (
    "EXISTS (SELECT 1 FROM courses_progress p WHERE p.enrollment_id = e.id AND p.content_id = c.id AND p.is_completed)"
)
_MY = f"""json_build_object(
    'is_enrolled', e.id IS NOT NULL,
    'progress_percent', round(100.0 * e.completed_count / co.content_count, 1)::float,
    'is_bookmarked', b.id IS NOT NULL,
    'next_content_id', (
        SELECT c.id FROM courses_content c JOIN courses_module m ON m.id = c.module_id
        WHERE m.course_id = co.id AND NOT {_DONE}
        ORDER BY m."order", m.id, c."order", c.id LIMIT 1))"""
_BUILT_FOR_READER = (
    f"WITH caller AS ({LIVE_CALLER_SQL}) SELECT "
    + _BODY.format(
        is_locked="NOT (c.is_preview OR e.id IS NOT NULL OR caller.is_admin OR co.instructor_id = caller.id)",
        is_completed=_DONE,
        my=_MY,
        **_SHARED,
    )
    + """
    CROSS JOIN caller
    LEFT JOIN courses_enrollment e ON e.course_id = co.id AND e.user_id = caller.id AND e.is_active
        AND (e.expiry_date IS NULL OR e.expiry_date > %(now)s)
    LEFT JOIN courses_bookmark b ON b.course_id = co.id AND b.user_id = caller.id
    WHERE co.id = %(course_id)s AND (co.is_published OR e.id IS NOT NULL OR co.instructor_id = caller.id)
    """
)


def statements() -> dict[str, dict[str, object]]:
    """Return all of them by name, in a form that JSON can carry to the floor's process."""
    texts = {
        "progress": progress._LOOK_AND_SAVE,
        "version": course_page._ANONYMOUS,
        "reader": _READER,
        "built_for_anyone": _BUILT_FOR_ANYONE,
        "built_for_reader": _BUILT_FOR_READER,
    }
    return {name: asdict(_numbered(text)) for name, text in texts.items()}
