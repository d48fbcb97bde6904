"""What later tables and columns say of rows from before them, as the services would have written it."""

from django.db import migrations

# As refresh_course puts a content on its shelf.
SHELVE = """
    UPDATE courses_content SET
        shelf_grade = CASE WHEN grade <> '' THEN grade ELSE (
            SELECT co.grade FROM courses_module m JOIN courses_course co ON co.id = m.course_id
            WHERE m.id = courses_content.module_id) END,
        shelf_subject = CASE WHEN subject <> '' THEN subject ELSE (
            SELECT co.subject FROM courses_module m JOIN courses_course co ON co.id = m.course_id
            WHERE m.id = courses_content.module_id) END
"""
DATE_COMPLETIONS = """
    UPDATE courses_enrollment SET latest_completion_at = (
        SELECT max(p.completed_at) FROM courses_progress p
        WHERE p.enrollment_id = courses_enrollment.id AND p.is_completed)
"""


class Migration(migrations.Migration):
    dependencies = [("courses", "0004_search_contents")]

    operations = [
        migrations.RunSQL(SHELVE, migrations.RunSQL.noop),
        migrations.RunSQL(DATE_COMPLETIONS, migrations.RunSQL.noop),
    ]
