"""What full text search over chunks stands on beside the models: one shape for each database.

PostgreSQL: a generated ``tsvector`` with its GIN index. English stems alone: other languages pass through that
configuration as they are, and what is asked goes through the same. SQLite: an FTS5 table over the chunks, kept by
triggers. On both, vectors go with their chunks; pgvector is made ready where the server has it and this user may. A
later migration that makes SQLite build ``chatbot_chunk`` anew drops the triggers with it, and has to run ``build``
again.
"""

from django.db import migrations

POSTGRESQL = (
    """
    ALTER TABLE chatbot_chunk ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title_words), 'A') || setweight(to_tsvector('english', words), 'B') ||
        setweight(to_tsvector('english', place_words), 'D')
    ) STORED
    """,
    # Beside the row and not in a store of its own: to ask whether a chunk has a word is then three times as quick.
    "ALTER TABLE chatbot_chunk ALTER COLUMN lexemes SET STORAGE MAIN",
    "ALTER TABLE chatbot_chunk SET (toast_tuple_target = 4096)",
    # Without the list of pending entries that every question would have to read through first.
    "CREATE INDEX chatbot_chunk_lexemes ON chatbot_chunk USING gin (lexemes) WITH (fastupdate = off)",
    """
    ALTER TABLE chatbot_chunkvector ADD CONSTRAINT chatbot_chunkvector_goes_with_chunk
        FOREIGN KEY (chunk_id) REFERENCES chatbot_chunk (id) ON DELETE CASCADE
    """,
    # Without it vectors are compared in Python. It may be made later, by hand; it's left there when this is taken back.
    """
    DO $$ BEGIN
        IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') THEN
            CREATE EXTENSION IF NOT EXISTS vector;
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'pgvector is there, but a superuser has to say CREATE EXTENSION vector';
    END $$
    """,
)
POSTGRESQL_BACK = (
    "ALTER TABLE chatbot_chunkvector DROP CONSTRAINT chatbot_chunkvector_goes_with_chunk",
    "ALTER TABLE chatbot_chunk DROP COLUMN lexemes",
    "ALTER TABLE chatbot_chunk RESET (toast_tuple_target)",
)

_REMOVE = (
    "INSERT INTO chatbot_chunkindex (chatbot_chunkindex, rowid, title_words, words, place_words) "
    "VALUES ('delete', old.id, old.title_words, old.words, old.place_words);"
)
_ADD = (
    "INSERT INTO chatbot_chunkindex (rowid, title_words, words, place_words) "
    "VALUES (new.id, new.title_words, new.words, new.place_words);"
)
_WORDS = "UPDATE OF title_words, words, place_words"
# Marks (M*) are vowel signs in Devanagari: without them the tokenizer would cut words to pieces.
SQLITE = (
    """
    CREATE VIRTUAL TABLE chatbot_chunkindex USING fts5 (
        title_words, words, place_words, content='chatbot_chunk', content_rowid='id',
        tokenize="porter unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
    )
    """,
    f"CREATE TRIGGER chatbot_chunk_added AFTER INSERT ON chatbot_chunk BEGIN {_ADD} END",
    f"CREATE TRIGGER chatbot_chunk_removed AFTER DELETE ON chatbot_chunk BEGIN {_REMOVE} END",
    f"CREATE TRIGGER chatbot_chunk_changed AFTER {_WORDS} ON chatbot_chunk BEGIN {_REMOVE} {_ADD} END",
    "INSERT INTO chatbot_chunkindex (chatbot_chunkindex) VALUES ('rebuild')",
    """
    CREATE TRIGGER chatbot_chunkvector_goes AFTER DELETE ON chatbot_chunk
        BEGIN DELETE FROM chatbot_chunkvector WHERE chunk_id = old.id; END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER chatbot_chunkvector_goes",
    "DROP TRIGGER chatbot_chunk_added",
    "DROP TRIGGER chatbot_chunk_removed",
    "DROP TRIGGER chatbot_chunk_changed",
    "DROP TABLE chatbot_chunkindex",
)


def build(apps, schema_editor):
    _run(schema_editor, POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def take_down(apps, schema_editor):
    _run(schema_editor, POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("chatbot", "0001_initial")]

    operations = [migrations.RunPython(build, take_down)]
