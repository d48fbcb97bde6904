"""Every table of the app, from its rooms."""

from chatbot.conversations.models import Citation, Conversation, DayBudget, Flag, Message
from chatbot.faqs.models import Faq
from chatbot.generation.models import Draft, Job
from chatbot.providers.models import ProviderCall
from chatbot.recommendations.models import CourseNeighbour
from chatbot.retrieval.models import Chunk, ChunkVector, IndexedContent, IndexedCourse

__all__ = [
    "Chunk",
    "ChunkVector",
    "Citation",
    "Conversation",
    "CourseNeighbour",
    "DayBudget",
    "Draft",
    "Faq",
    "Flag",
    "IndexedContent",
    "IndexedCourse",
    "Job",
    "Message",
    "ProviderCall",
]
