"""Keeping the chunks what the courses say.

A course is looked at when its version is another than the one it was indexed at, and of it those contents are cut anew
whose mark is another. So nothing has to be told: a word that is changed, a content that is added or gone, a course
that is taken back are all found by comparing, and what a crash left is found again.
"""

import logging
import time
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatbot.providers.base import ProviderFailed
from chatbot.retrieval.chunking import heading_of, pieces_of
from chatbot.retrieval.models import Chunk, IndexedContent, IndexedCourse
from chatbot.retrieval.selectors import courses_out_of_step
from chatbot.retrieval.services.embedding import embed_course
from chatbot.retrieval.wording import indexed_words
from courses.api import ContentWords, mark_of_content, marks_of_contents, versions_to_index, words_of_content

logger = logging.getLogger(__name__)
_AT_ONCE = 500


def index_stale_courses(*, most_seconds: float) -> int:
    """Bring the chunks of every course in step that is not, for about so long; returns how many courses it did.

    One that fails is logged and left for the next time; the others are not to wait for it.
    """
    until = time.monotonic() + most_seconds
    done = 0
    for course_id in courses_out_of_step():
        if time.monotonic() > until:
            break
        try:
            index_course(course_id=course_id)
            done += 1
        except Exception:  # whatever it is, the next course is not to wait for it
            logger.exception("course %s could not be indexed", course_id)
    return done


def index_course(*, course_id: int, again: bool = False, step: Callable[[], object] | None = None) -> int:
    """Bring the chunks of a course in step with what it says; returns how many contents were cut anew.

    ``again``: all of them, changed or not. ``step`` is called after each content. A course that learners may not read
    loses its chunks. Where an embedding model is configured, chunks without a vector get one last. A document may take
    a minute to read, so call it outside of transactions; each content is a transaction of its own, and what broke off
    goes on where it was.
    """
    # The version first: what is written after this is seen by the next who compares.
    version = versions_to_index().get(course_id)
    if version is None:
        _forget_course(course_id)
        return 0
    marks = marks_of_contents(course_id)
    known = dict(IndexedContent.objects.filter(course=course_id).values_list("content_id", "made_from"))
    cut = 0
    for content_id, mark in marks.items():
        if again or known.get(content_id) != mark:
            cut += index_content(content_id=content_id)
        if step is not None:
            step()
    try:
        _note(course_id, version, marks)
    except IntegrityError:  # deleted meanwhile, and all of this with it
        logger.info("course %s went while it was indexed", course_id)
    _embed(course_id)
    return cut


def _embed(course_id: int) -> None:
    """Give the course's chunks their vectors, if the model has an answer; those left without are the sweep's."""
    try:
        embed_course(course_id=course_id)
    except ProviderFailed as failed:
        logger.warning("no vectors for course %s: %s", course_id, failed.outcome)


@transaction.atomic
def _note(course_id: int, version: int, marks: dict[int, str]) -> None:
    """Note that the course is indexed as it was at ``version``; not where any of its contents is not (another took
    them away, or one changed again), so that it is looked at once more.
    """
    _hold(course_id)
    made = dict(IndexedContent.objects.filter(course=course_id).values_list("content_id", "made_from"))
    if made == marks:
        IndexedCourse.objects.filter(course=course_id).update(version=version, indexed_at=timezone.now())


@transaction.atomic
def _forget_course(course_id: int) -> None:
    """Remove what is indexed of a course. The contents' rows before their chunks: who is writing holds the row."""
    _hold(course_id)
    IndexedContent.objects.filter(course=course_id).delete()
    Chunk.objects.filter(course=course_id).delete()
    IndexedCourse.objects.filter(course=course_id).delete()


def _hold(course_id: int) -> None:
    """Make the course's row where there is none, and hold it until the commit: who notes and who forgets take turns."""
    row = IndexedCourse(course_id=course_id, version=0, indexed_at=timezone.now())
    IndexedCourse.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["course"], update_fields=["indexed_at"]
    )


def index_content(*, content_id: int) -> bool:
    """Cut a content into chunks, in place of those it had; says whether it did.

    Not where the content is gone, or changes while it is read: it is found again by its mark then. Two at once leave
    the chunks of one: who comes second waits for the row of the first, and then replaces what that one wrote.
    """
    words = words_of_content(content_id)
    if words is None:
        return False
    chunks = _chunks(words)
    try:
        with transaction.atomic():
            return _replace(words, chunks)
    except IntegrityError:  # deleted meanwhile, and its chunks with it
        if mark_of_content(content_id) is not None:
            raise
        return False


def _replace(words: ContentWords, chunks: list[Chunk]) -> bool:
    row = IndexedContent(
        content_id=words.content_id, course_id=words.course_id, made_from=words.mark, indexed_at=timezone.now()
    )
    # By one statement: the row of a content is there once, and is held until the commit.
    IndexedContent.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["content"],
        update_fields=["course", "made_from", "indexed_at"],
    )
    # Asked only now that nobody else writes: whoever read older words must not write after who read newer ones.
    if not _is_as_read(words):
        transaction.set_rollback(True)
        return False
    Chunk.objects.filter(content=words.content_id).delete()
    Chunk.objects.bulk_create(chunks, batch_size=_AT_ONCE)
    return True


def _is_as_read(words: ContentWords) -> bool:
    return mark_of_content(words.content_id) == words.mark


def _chunks(words: ContentWords) -> list[Chunk]:
    heading = heading_of(words)
    title_words = indexed_words(f"{words.section} {words.title}")
    place_words = indexed_words(f"{words.course_title} {words.module_title}")
    return [
        Chunk(
            content_id=words.content_id,
            course_id=words.course_id,
            source=piece.source,
            language=piece.language,
            order=order,
            title=words.title,
            heading=heading,
            text=piece.text,
            words=indexed_words(piece.text),
            title_words=title_words,
            place_words=place_words,
            start_seconds=piece.start_seconds,
            end_seconds=piece.end_seconds,
        )
        for order, piece in enumerate(pieces_of(words), start=1)
    ]
