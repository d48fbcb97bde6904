"""What a content says in words, put together from the rooms that each hold a part: for the tutor to find and quote.

Questions of quizzes, their options and keys are in none of it.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from courses.catalogue.models import Content, Course
from courses.languages.models import Subtitle
from courses.learning.models import Enrollment
from e_learning.core.uploads.reading import document_text

_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "summary", "table", "tr",
    "ul",
}  # fmt: skip
_CELLS = {"td", "th"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A subtitle: what is said from second ``start`` to second ``end`` of the video."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class ContentWords:
    """A content in words. ``text`` and ``document`` are paragraphs, one a line; ``subtitles`` are by language.

    ``mark`` is another one as soon as any of it is (``mark_of_content``).
    """

    content_id: int
    course_id: int
    course_title: str
    module_title: str
    section: str
    title: str
    language: str
    text: str
    document: str
    subtitles: dict[str, list[Spoken]]
    mark: str = ""


class Readable(NamedTuple):
    """A content that has something to read. ``topic`` is its own, else its module's title, cut as a topic may be."""

    content_id: int
    topic: str


def contents_to_read(course_id: int) -> list[Readable]:
    """Return the contents of a course, in their order, that have a text, a document or subtitles; one statement.

    Published or not. Whether there are words in it, only reading tells (``words_of_content``).
    """
    has_something = ~Q(text_html="") | ~Q(document="") | Exists(Subtitle.objects.filter(content=OuterRef("pk")))
    contents = Content.objects.filter(has_something, module__course=course_id)
    rows = contents.order_by("module__order", "module_id", "order", "pk").values_list("pk", "topic", "module__title")
    longest = Content._meta.get_field("topic").max_length
    return [Readable(content_id, (topic or title)[:longest]) for content_id, topic, title in rows]


def words_of_content(content_id: int) -> ContentWords | None:
    """Return what a content says; None where there is none. Two statements, and the document read from the store.

    Call it outside of transactions: reading a document may take a minute.
    """
    content = Content.objects.select_related("module__course").filter(pk=content_id).first()
    if content is None:
        return None
    course = content.module.course
    subtitles = dict(Subtitle.objects.filter(content=content).values_list("language", "cues"))
    return ContentWords(
        content_id=content.pk,
        course_id=course.pk,
        course_title=course.title,
        module_title=content.module.title,
        section=content.section,
        title=content.title,
        language=course.language,
        text=paragraphs_of(content.text_html),
        document=_document(content),
        subtitles={
            language: [Spoken(cue["start"], cue["end"], cue["text"]) for cue in cues]
            for language, cues in subtitles.items()
        },
        mark=_mark(
            course.title,
            course.language,
            content.module.title,
            content.section,
            content.title,
            content.text_html,
            content.document.name or "",
            subtitles,
        ),
    )


def versions_to_index() -> dict[int, int]:
    """Return the courses that learners may read, each with its version, which grows with all that is said in it.

    The published, and those taken back or archived that somebody is still enrolled in. A draft is in none.
    """
    still_read = Exists(Enrollment.objects.current().filter(course=OuterRef("pk")))
    readable = Q(is_published=True, archived_at__isnull=True) | still_read
    return dict(Course.objects.filter(readable).order_by().values_list("pk", "version"))


def marks_of_contents(course_id: int) -> dict[int, str]:
    """Return the contents of the course, in their order, each with its mark; two statements, no document is read."""
    return _marks(Q(module__course=course_id))


def mark_of_content(content_id: int) -> str | None:
    """Return what tells one state of the content's words from another; None where there is no content."""
    return _marks(Q(pk=content_id)).get(content_id)


_MARKED = (
    "module__course__title", "module__course__language", "module__title", "section", "title", "text_html", "document",
)  # fmt: skip


def _marks(which: Q) -> dict[int, str]:
    contents = Content.objects.filter(which).order_by("module__order", "module_id", "order", "pk")
    rows = list(contents.values_list("pk", *_MARKED))
    subtitles: dict[int, dict[str, Any]] = defaultdict(dict)
    ids = contents.order_by().values("pk")
    for content_id, language, cues in Subtitle.objects.filter(content__in=ids).values_list(
        "content_id", "language", "cues"
    ):
        subtitles[content_id][language] = cues
    return {content_id: _mark(*texts, subtitles.get(content_id, {})) for content_id, *texts in rows}


def _mark(*words: Any) -> str:
    """Return a digest. Of a document its name in the store: another document gets another."""
    return sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def _document(content: Content) -> str:
    if not content.document:
        return ""
    try:
        with content.document.open("rb") as file:
            return document_text(file, name=content.document.name or "")
    except OSError:  # the row is there and the file is not: there is nothing to read
        return ""


def paragraphs_of(text_html: str) -> str:
    """Return cleaned HTML (``catalogue.text``) as a reader sees it: a paragraph, item or row of a table a line."""
    page = _Page()
    page.feed(text_html)
    page.close()
    lines = (re.sub(r"\s+", " ", line).strip(" |") for line in "".join(page.texts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Page(HTMLParser):
    """Collects text; blocks end lines, and cells of a row are kept apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.texts.append("\n")
        elif tag in _CELLS:
            self.texts.append(" | ")

    def handle_data(self, data: str) -> None:
        self.texts.append(re.sub(r"\s+", " ", data))
