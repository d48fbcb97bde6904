"""Vectors for chunks, by the model of the settings: those that have none by it get one.

A new chunk, one that a failing server left without, and all of them after a change of model are found alike.
"""

import logging
import time
from array import array
from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction

from chatbot.providers.base import ProviderFailed
from chatbot.providers.embedding import AT_ONCE, Vector, embedding_model, vectors_of
from chatbot.providers.models import ProviderCall
from chatbot.retrieval.models import Chunk, ChunkVector, IndexedCourse
from chatbot.retrieval.selectors import chunks_without_vector, courses_without_vectors

logger = logging.getLogger(__name__)
#: A text that every model takes.
_WITNESS = "word"


def embed_missing(*, most_seconds: float) -> int:
    """Give vectors to chunks of any course that have none, for about so long; returns how many got one.

    It ends where the model fails: it would for the other courses too.
    """
    until = time.monotonic() + most_seconds
    done = 0
    for course_id in courses_without_vectors(embedding_model()) if embedding_model() else ():
        try:
            done += embed_course(course_id=course_id, until=until)
        except ProviderFailed as failed:
            logger.warning("no vectors for course %s: %s", course_id, failed.outcome)
            break
        if time.monotonic() > until:
            break
    return done


def embed_course(*, course_id: int, until: float = float("inf")) -> int:
    """Give a vector to each chunk of the course that has none by the model of the settings; returns how many got one.

    Stops at ``until`` (of ``time.monotonic``). Raises ``ProviderFailed`` where the model fails: what was made stays,
    the rest is found by its words alone until a sweep makes it. Call it outside transactions: each batch is asked for
    outside of any, and written in one of its own.
    """
    model, done = embedding_model(), 0
    while model and (chunks := list(chunks_without_vector(course_id, model)[:AT_ONCE])):
        if not _keep(course_id, chunks, _vectors([_meant(chunk) for chunk in chunks]), model):
            break
        done += len(chunks)
        if time.monotonic() > until:
            break
    return done


def _meant(chunk: Chunk) -> str:
    """Return what is read of a chunk: its text, and before it what it is about."""
    return f"{chunk.title}\n{chunk.text}"


def _vectors(texts: Sequence[str]) -> list[Vector]:
    """Return the vector of each text, an empty one of those that the model refuses."""
    try:
        return vectors_of(texts)
    except ProviderFailed as failed:
        if failed.outcome != ProviderCall.Outcome.REFUSED:
            raise
    # Outside of the handler: it's either one of these texts, or our key or the name of the model.
    vectors_of([_WITNESS])
    return [_unless_refused(text) for text in texts]


def _unless_refused(text: str) -> Vector:
    try:
        return vectors_of([text])[0]
    except ProviderFailed as failed:
        if failed.outcome != ProviderCall.Outcome.REFUSED:
            raise
    return array("f")


@transaction.atomic
def _keep(course_id: int, chunks: Sequence[Chunk], vectors: Sequence[Vector], model: str) -> bool:
    """Write the vectors of those chunks that are still there; says whether the course is still indexed."""
    if not IndexedCourse.objects.filter(course=course_id).update(vectors=uuid4()):
        return False
    # Held until the commit: whoever removes a chunk then removes its vector too.
    there = set(
        Chunk.objects.select_for_update().filter(pk__in=[chunk.pk for chunk in chunks]).values_list("pk", flat=True)
    )
    ChunkVector.objects.bulk_create(
        [
            ChunkVector(chunk_id=chunk.pk, course_id=course_id, model=model, size=len(vector), numbers=vector)
            for chunk, vector in zip(chunks, vectors, strict=True)
            if chunk.pk in there
        ],
        update_conflicts=True,
        unique_fields=["chunk"],
        update_fields=["model", "size", "numbers"],
    )
    return True
