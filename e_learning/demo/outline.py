"""What a demo course is made of. Field names are those of the API; orders are those of the tuples."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

MEDIA = Path(__file__).resolve().parent / "media"  # the files that the fields below name
TEXTS = MEDIA.parent / "texts"

QuestionType = Literal[
    "multiple_choice", "multiple_select", "true_false", "fill_in_blank", "numeric", "matching", "ordering", "essay"
]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A thing to choose; in an ordering question, a thing to put in its place, where `is_correct` says nothing."""

    option_text: str
    is_correct: bool = False


@dataclass(frozen=True, kw_only=True)
class Pair:
    left: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with its key. Which of the key's fields are filled follows from the type; an essay has none."""

    question_text: str
    question_type: QuestionType
    explanation: str
    points: int = 1
    difficulty: Literal["easy", "medium", "hard"] = "easy"
    topic: str = ""
    options: tuple[Option, ...] = ()  # of an ordering question: in the right order
    accepted_answers: tuple[str, ...] = ()
    number: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quiz:
    """`passing_score` in percent, `time_limit` in seconds; None is no limit."""

    title: str
    passing_score: int
    questions: tuple[Question, ...]
    time_limit: int | None = None
    max_attempts: int | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """One lesson. Files are names in MEDIA, empty where there is none; `video_duration` is in whole seconds."""

    title: str
    content_type: Literal["video", "text", "document", "quiz"]
    text_content: str = ""  # Markdown
    section: str = ""
    topic: str = ""
    is_preview: bool = False
    video_file: str = ""
    video_duration: int | None = None
    poster: str = ""
    document: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()  # (language, WebVTT file)
    quiz: Quiz | None = None


@dataclass(frozen=True, kw_only=True)
class Module:
    title: str
    description: str
    contents: tuple[Content, ...]


@dataclass(frozen=True, kw_only=True)
class Course:
    """`category` goes from the root of the tree to the course's own; `price` is in rupees, 0 for a free course."""

    title: str
    summary: str
    description: str  # Markdown
    category: tuple[str, ...]
    subject: str
    thumbnail: str
    learning_objectives: tuple[str, ...]
    modules: tuple[Module, ...]
    price: Decimal = Decimal(0)
    currency: str = "INR"
    level: Literal["beginner", "intermediate", "advanced"] = "beginner"
    language: str = "en"
    is_published: bool = True


def text_named(name: str) -> str:
    """The Markdown of a lesson that is long enough to be a file of its own."""
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8")
