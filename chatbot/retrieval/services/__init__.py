"""Every write of the room."""

from chatbot.retrieval.services.embedding import embed_course, embed_missing
from chatbot.retrieval.services.indexing import index_content, index_course, index_stale_courses

__all__ = ["embed_course", "embed_missing", "index_content", "index_course", "index_stale_courses"]
