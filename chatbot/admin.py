"""The back office of the tutor, from its rooms."""

from chatbot.conversations.admin import ConversationAdmin, FlagAdmin
from chatbot.faqs.admin import FaqAdmin
from chatbot.generation.admin import DraftAdmin, JobAdmin
from chatbot.providers.admin import ProviderCallAdmin
from chatbot.recommendations.admin import CourseNeighbourAdmin
from chatbot.retrieval.admin import ChunkAdmin, IndexedContentAdmin, IndexedCourseAdmin

__all__ = [
    "ChunkAdmin",
    "ConversationAdmin",
    "CourseNeighbourAdmin",
    "DraftAdmin",
    "FaqAdmin",
    "FlagAdmin",
    "IndexedContentAdmin",
    "IndexedCourseAdmin",
    "JobAdmin",
    "ProviderCallAdmin",
]
