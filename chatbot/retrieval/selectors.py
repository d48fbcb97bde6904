"""What is found for a question, in what its asker may open; and what is not indexed as it is now."""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.api import User
from chatbot.providers.base import Passage
from chatbot.retrieval.finding import FoundChunk, chunks_with
from chatbot.retrieval.meaning import chunks_near, fused
from chatbot.retrieval.models import Chunk, ChunkVector, IndexedCourse
from chatbot.retrieval.wording import asked_words
from chatbot.terms import pairs_of
from courses.api import ids_of_courses_open_to, versions_to_index

#: Passages of one content at most: an answer is to be found where it is said best, and beside that elsewhere.
MOST_OF_A_CONTENT = 3
_RANKED_BY_PHRASES = 12
_A_PAIR_GAINS = 0.5


def passages_for(
    *, user: User, question: str, course_id: int | None = None, content_id: int | None = None, most: int = 6
) -> list[Passage]:
    """Return the passages that have most of what ``question`` asks about, numbered from 1, the best first.

    From courses open to ``user`` and no other; with ``course_id`` from that course alone, and from nothing where
    it is not open. What is said in ``content_id`` counts more. One statement, none for a question without words. Where
    an embedding model is configured also those that mean it in other words, by one to three statements more: call it
    outside transactions then.
    """
    courses = ids_of_courses_open_to(user)
    if course_id is not None:
        courses = courses.filter(pk=course_id)
    words = asked_words(question)
    found = chunks_with(words, courses=courses, content_id=content_id)
    near = chunks_near(question, asker_id=user.pk, courses=courses) if words else []
    close = {chunk.id for chunk in near if chunk.score >= settings.AI_EMBEDDING_CLOSE}
    ranked = _from_several(fused(_by_phrases(question, found), near))
    return [_passage(number, chunk, is_close=chunk.id in close) for number, chunk in enumerate(ranked[:most], start=1)]


def courses_out_of_step() -> list[int]:
    """Return the ids of the courses of which something may be indexed otherwise than it is now; two statements."""
    versions = versions_to_index()
    indexed = dict(IndexedCourse.objects.values_list("course_id", "version"))
    return [
        course_id for course_id in sorted({*versions, *indexed}) if versions.get(course_id) != indexed.get(course_id)
    ]


def courses_without_vectors(model: str) -> list[int]:
    """Return the ids of the indexed courses with a chunk that has no vector by ``model``."""
    chunks = _without_vector(model).filter(course__in=IndexedCourse.objects.values("course"))
    return list(chunks.order_by("course").values_list("course", flat=True).distinct())


def chunks_without_vector(course_id: int, model: str) -> QuerySet[Chunk]:
    """Return the chunks of the course that have no vector by ``model``, in order."""
    return _without_vector(model).filter(course=course_id).order_by("pk")


def _without_vector(model: str) -> QuerySet[Chunk]:
    return Chunk.objects.filter(~Exists(ChunkVector.objects.filter(chunk=OuterRef("pk"), model=model)))


def _by_phrases(question: str, chunks: list[FoundChunk]) -> list[FoundChunk]:
    """Return the best chunks, those first that have the question's words side by side, the rarer the pair the more.

    Full text knows single words, and no stop words: "how many" and "hang up" are seen here alone.
    """
    best, asked = chunks[:_RANKED_BY_PHRASES], pairs_of(question)
    written = [asked & pairs_of(f"{chunk.title}\n{chunk.text}") for chunk in best]
    having = Counter(pair for pairs in written for pair in pairs)

    def score(at: int) -> float:
        return best[at].score * (1 + _A_PAIR_GAINS * sum(1 / having[pair] for pair in written[at]))

    return [best[at] for at in sorted(range(len(best)), key=lambda at: -score(at))] + chunks[_RANKED_BY_PHRASES:]


def _from_several(chunks: Iterable[FoundChunk]) -> list[FoundChunk]:
    taken: Counter[int] = Counter()
    kept = []
    for chunk in chunks:
        taken[chunk.content_id] += 1
        if taken[chunk.content_id] <= MOST_OF_A_CONTENT:
            kept.append(chunk)
    return kept


def _passage(number: int, chunk: FoundChunk, *, is_close: bool) -> Passage:
    return Passage(
        number=number,
        chunk_id=chunk.id,
        content_id=chunk.content_id,
        course_id=chunk.course_id,
        title=chunk.title,
        text=chunk.text,
        start_seconds=chunk.start_seconds,
        is_close=is_close,
    )
