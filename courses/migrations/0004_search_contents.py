"""Search over contents: their indexes, a quicker way from a misspelt word to its neighbours, and what is there already.

PostgreSQL: two generated ``tsvector`` columns, of what anybody may read who knows of the course, and of
everything; and for each word of the vocabulary its pairs of letters with their places, so that a word of
six with any two letters wrong still shares one with what was meant. SQLite: an FTS5 table kept by
triggers. A later migration that makes SQLite build ``courses_contentdocument`` anew drops the triggers
with it, and has to make them again.
"""

from django.db import migrations

from courses.catalogue.search.words import terms_of, texts_of_content

_SHOWN = """
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('english', title), 'A') ||
    setweight(to_tsvector('simple', keywords), 'B') || setweight(to_tsvector('english', keywords), 'B') ||
    setweight(to_tsvector('simple', shown), 'C') || setweight(to_tsvector('english', shown), 'C')
"""
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS fuzzystrmatch",
    f"""
    ALTER TABLE courses_contentdocument
        ADD COLUMN shown_vector tsvector GENERATED ALWAYS AS ({_SHOWN}) STORED,
        ADD COLUMN vector tsvector GENERATED ALWAYS AS ({_SHOWN} ||
            setweight(to_tsvector('simple', body), 'C') || setweight(to_tsvector('english', body), 'C')) STORED
    """,
    "CREATE INDEX courses_contentdocument_shown ON courses_contentdocument USING gin (shown_vector) WITH (fastupdate = off)",
    "CREATE INDEX courses_contentdocument_vector ON courses_contentdocument USING gin (vector) WITH (fastupdate = off)",
    # The pairs of a word between two blanks, each with its place: " a1", "ab2", "b 3".
    """
    CREATE FUNCTION courses_pairs_of(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_agg(substr(' ' || word || ' ', n, 2) || n) FROM generate_series(1, char_length(word) + 1) AS n
    $$
    """,
    # Those of them that a word meant may have: a place earlier or later too, where a letter is missing or too many.
    # The blanks, which thousands of words share, are asked for only where a short word has little else.
    """
    CREATE FUNCTION courses_pairs_near(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_agg(substr(' ' || word || ' ', n, 2) || (n + shift))
        FROM generate_series(1, char_length(word) + 1) AS n, generate_series(-1, 1) AS shift
        WHERE char_length(word) < 6 OR n BETWEEN 2 AND char_length(word)
    $$
    """,
    "ALTER TABLE courses_searchterm ADD COLUMN pairs text[] GENERATED ALWAYS AS (courses_pairs_of(term)) STORED",
    "CREATE INDEX courses_searchterm_pairs ON courses_searchterm USING gin (pairs) WITH (fastupdate = off)",
    # Likeness by trigrams is asked no more: pairs find what it missed.
    "DROP INDEX courses_searchterm_trigrams",
)
POSTGRESQL_BACK = (
    "CREATE INDEX courses_searchterm_trigrams ON courses_searchterm USING gist (term gist_trgm_ops)",
    "ALTER TABLE courses_searchterm DROP COLUMN pairs",
    "DROP FUNCTION courses_pairs_near(text)",
    "DROP FUNCTION courses_pairs_of(text)",
    "ALTER TABLE courses_contentdocument DROP COLUMN shown_vector, DROP COLUMN vector",
)

_REMOVE = (
    "INSERT INTO courses_contentindex (courses_contentindex, rowid, title, keywords, shown, body) "
    "VALUES ('delete', old.content_id, old.title, old.keywords, old.shown, old.body);"
)
_ADD = (
    "INSERT INTO courses_contentindex (rowid, title, keywords, shown, body) "
    "VALUES (new.content_id, new.title, new.keywords, new.shown, new.body);"
)
SQLITE = (
    """
    CREATE VIRTUAL TABLE courses_contentindex USING fts5 (
        title, keywords, shown, body, content='courses_contentdocument', content_rowid='content_id',
        tokenize="porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
    )
    """,
    f"CREATE TRIGGER courses_contentdocument_added AFTER INSERT ON courses_contentdocument BEGIN {_ADD} END",
    f"CREATE TRIGGER courses_contentdocument_removed AFTER DELETE ON courses_contentdocument BEGIN {_REMOVE} END",
    f"CREATE TRIGGER courses_contentdocument_changed AFTER UPDATE ON courses_contentdocument BEGIN {_REMOVE} {_ADD} END",
)
SQLITE_BACK = (
    "DROP TRIGGER courses_contentdocument_added",
    "DROP TRIGGER courses_contentdocument_removed",
    "DROP TRIGGER courses_contentdocument_changed",
    "DROP TABLE courses_contentindex",
)
_AT_ONCE = 200


def build(apps, schema_editor):
    _run(schema_editor, POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def take_down(apps, schema_editor):
    _run(schema_editor, POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def write_documents(apps, schema_editor):
    """Write the documents of the contents that are there; what is written later is written by the services."""
    contents = apps.get_model("courses", "Content").objects.select_related("module__course").order_by("pk")
    waiting = []
    for content in contents.iterator(chunk_size=_AT_ONCE):
        waiting.append(content)
        if len(waiting) == _AT_ONCE:
            _write(apps, waiting)
            waiting = []
    _write(apps, waiting)


def _write(apps, contents):
    document, term = apps.get_model("courses", "ContentDocument"), apps.get_model("courses", "SearchTerm")
    documents, public = [], []
    for content in contents:
        course = content.module.course
        is_public = course.is_published and course.archived_at is None
        texts = texts_of_content(
            title=content.title,
            labels=[content.section, content.topic],
            text_html=content.text_html,
            is_preview=content.is_preview,
        )
        documents.append(
            document(
                content_id=content.pk,
                course_id=course.pk,
                written_from=content.updated_at,
                words_known=is_public,
                **texts,
            )
        )
        if is_public:
            public.extend([texts["title"], texts["keywords"], texts["shown"]])
    document.objects.bulk_create(documents)
    terms = [term(term=word) for word in terms_of(public)]
    term.objects.bulk_create(terms, ignore_conflicts=True, batch_size=5000)


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_desk")]

    operations = [
        migrations.RunPython(build, take_down),
        migrations.RunPython(write_documents, migrations.RunPython.noop),
    ]
