"""Texts as vectors: what is meant alike lies close together, whatever its words.

Nothing is imported, loaded or asked where the settings name no model.
"""

import logging
import math
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings

from chatbot.providers.base import ProviderFailed, estimated_tokens
from chatbot.providers.circuit import is_resting, let_rest
from chatbot.providers.configured import embedding_place
from chatbot.providers.models import ProviderCall
from chatbot.providers.services import recorded_call

log = logging.getLogger(__name__)

PURPOSE = "embedding"
#: The model that comes in a wheel: no network, and a millisecond for a question.
WORDLLAMA = "wordllama"
#: Texts of one call: the answer stays well below what is read of any (``openai_compatible.MOST_BYTES``).
AT_ONCE = 32
MOST_SECONDS = 60.0

#: Of length one; empty where the model knows none of the text's words.
Vector: TypeAlias = "array[float]"


def embedding_model() -> str:
    """Return the model of the settings, '' where there is none: words alone are looked for then."""
    name: str = settings.AI_EMBEDDING_MODEL
    return name


def vectors_of(texts: Sequence[str], *, user_id: int | None = None, most_seconds: float = MOST_SECONDS) -> list[Vector]:
    """Return the vector of each text, ``AT_ONCE`` of them at most, by the model of the settings.

    A server's call is recorded, and after one that failed it is left alone for a while. Raises ``ProviderFailed``:
    ``refused`` where it doesn't take these texts. Call it outside transactions.
    """
    found = _by_wheel(texts) if embedding_model() == WORDLLAMA else _by_server(texts, user_id, most_seconds)
    return [_of_length_one(numbers) for numbers in found]


def _by_wheel(texts: Sequence[str]) -> Iterable[Iterable[float]]:
    vectors: Any = _wordllama().embed(list(texts))
    return (row.tolist() for row in vectors)


@lru_cache(maxsize=1)
def _wordllama() -> Any:
    """Return the model as its wheel ships it, read once a process. It would look for another folder, and then ask the
    network for it.
    """
    import wordllama

    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)


def _by_server(texts: Sequence[str], user_id: int | None, most_seconds: float) -> list[list[float]]:
    # The client takes a second to import, and most schools never need it.
    from chatbot.providers.openai_compatible import embeddings

    place = embedding_place()
    if is_resting(place):
        raise ProviderFailed(ProviderCall.Outcome.BUSY)
    about = sum(map(estimated_tokens, texts))
    with recorded_call(user_id=user_id, purpose=PURPOSE, provider="openai", place=place, about_read=about) as call:
        try:
            vectors, call.said = embeddings(place, texts, most_seconds=most_seconds)
        except ProviderFailed as failed:
            log.warning("%s: %s", place.model, failed.outcome)
            if failed.outcome != ProviderCall.Outcome.REFUSED:
                let_rest(place)
            raise
    return vectors


def _of_length_one(numbers: Iterable[float]) -> Vector:
    whole = list(numbers)
    length = math.hypot(*whole)
    return array("f", (number / length for number in whole)) if 0 < length < math.inf else array("f")
