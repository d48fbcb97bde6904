"""What the tutor hears, from below and of its own."""

from chatbot.events import DraftsWanted
from chatbot.generation.receivers import on_drafts_wanted
from chatbot.retrieval.receivers import on_course_published
from courses.events import CoursePublished
from e_learning.core.events import listens_to

listens_to(CoursePublished)(on_course_published)
listens_to(DraftsWanted)(on_drafts_wanted)
