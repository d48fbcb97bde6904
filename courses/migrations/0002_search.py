"""What full text search stands on beside the models: one shape for each database.

PostgreSQL: a generated ``tsvector`` with its GIN index, and a trigram index for finding the words
nearest to a misspelt one. SQLite: an FTS5 table over the documents, kept by triggers. A later
migration that makes SQLite build ``courses_searchdocument`` anew drops the triggers with it, and
has to run ``build`` again.
"""

from django.db import migrations

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    ALTER TABLE courses_searchdocument ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('english', title), 'A') ||
        setweight(to_tsvector('simple', keywords), 'B') || setweight(to_tsvector('english', keywords), 'B') ||
        setweight(to_tsvector('simple', body), 'C') || setweight(to_tsvector('english', body), 'C')
    ) STORED
    """,
    # Without the list of pending entries that every search would have to read through first.
    "CREATE INDEX courses_searchdocument_vector ON courses_searchdocument USING gin (vector) WITH (fastupdate = off)",
    "CREATE INDEX courses_searchterm_trigrams ON courses_searchterm USING gist (term gist_trgm_ops)",
)
POSTGRESQL_BACK = (
    "DROP INDEX courses_searchterm_trigrams",
    "ALTER TABLE courses_searchdocument DROP COLUMN vector",
)

_REMOVE = (
    "INSERT INTO courses_searchindex (courses_searchindex, rowid, title, keywords, body) "
    "VALUES ('delete', old.course_id, old.title, old.keywords, old.body);"
)
_ADD = (
    "INSERT INTO courses_searchindex (rowid, title, keywords, body) "
    "VALUES (new.course_id, new.title, new.keywords, new.body);"
)
# Marks (M*) are vowel signs in Devanagari: without them the tokenizer would cut words to pieces.
SQLITE = (
    """
    CREATE VIRTUAL TABLE courses_searchindex USING fts5 (
        title, keywords, body, content='courses_searchdocument', content_rowid='course_id',
        tokenize="porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
    )
    """,
    f"CREATE TRIGGER courses_searchdocument_added AFTER INSERT ON courses_searchdocument BEGIN {_ADD} END",
    f"CREATE TRIGGER courses_searchdocument_removed AFTER DELETE ON courses_searchdocument BEGIN {_REMOVE} END",
    f"CREATE TRIGGER courses_searchdocument_changed AFTER UPDATE ON courses_searchdocument BEGIN {_REMOVE} {_ADD} END",
    "INSERT INTO courses_searchindex (courses_searchindex) VALUES ('rebuild')",
)
SQLITE_BACK = (
    "DROP TRIGGER courses_searchdocument_added",
    "DROP TRIGGER courses_searchdocument_removed",
    "DROP TRIGGER courses_searchdocument_changed",
    "DROP TABLE courses_searchindex",
)


def build(apps, schema_editor):
    _run(schema_editor, POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def take_down(apps, schema_editor):
    _run(schema_editor, POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [migrations.RunPython(build, take_down)]
