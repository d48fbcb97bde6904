"""What is written from: a content's words, and how the drafts wanted are spread over several."""

from collections.abc import Mapping

from chatbot.generation.making import Source
from courses.api import ContentWords, words_of_content


def source_of(content_id: int) -> Source | None:
    """Return what a content says; None where it is gone. A document may take a minute to read: outside transactions."""
    words = words_of_content(content_id)
    if words is None:
        return None
    parts = [words.text, words.document, _spoken(words)]
    text = "\n".join(part for part in parts if part.strip())
    return Source(content_id=content_id, title=words.title, text=text, language=words.language)


def _spoken(words: ContentWords) -> str:
    """Return the subtitles in the course's language, else in one that there is."""
    spoken = words.subtitles.get(words.language) or next(iter(words.subtitles.values()), [])
    return " ".join(word for said in spoken for word in said.text.split())


def shares(lengths: Mapping[int, int], count: int) -> dict[int, int]:
    """Spread ``count`` by length, largest remainders first: what each gets, without those that get nothing. Pure."""
    whole = sum(lengths.values())
    given = {one: count * length // whole for one, length in lengths.items() if length}
    left = count - sum(given.values())
    for one in sorted(given, key=lambda one: -(count * lengths[one] % whole))[:left]:
        given[one] += 1
    return {one: number for one, number in given.items() if number}
