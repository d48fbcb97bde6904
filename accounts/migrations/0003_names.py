"""On PostgreSQL: people whose name looks like what was typed, and those who are no students, along an index."""

from django.db import migrations

FORWARDS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE INDEX accounts_customuser_name_trigrams ON accounts_customuser
        USING gist (((full_name || ' '::text) || username) gist_trgm_ops)
    """,
    "CREATE INDEX accounts_customuser_instructors ON accounts_customuser (id) WHERE role = 'instructor'",
)
BACKWARDS = (
    "DROP INDEX accounts_customuser_instructors",
    "DROP INDEX accounts_customuser_name_trigrams",
)


def build(apps, schema_editor):
    _run(schema_editor, FORWARDS)


def take_down(apps, schema_editor):
    _run(schema_editor, BACKWARDS)


def _run(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_staff_groups")]

    operations = [migrations.RunPython(build, take_down)]
