"""Texts as search reads them: the same for what is written and for what is asked, so that both databases agree."""

import html
import re

from e_learning.core.words import words_of

SHORTEST_TERM = 3
LONGEST_TERM = 64
#: A tsvector holds a megabyte; nobody searches for the last words of the longest text.
MOST_CHARACTERS = 60_000
_MOST_MARKED_UP = 4 * MOST_CHARACTERS
_TAG = re.compile(r"<[^>]*>")


def terms_of(texts: list[str]) -> list[str]:
    """Return, sorted, each word that is long enough to be misspelt, from texts that ``words_of`` has cut already."""
    found = {word for text in texts for word in text.split() if SHORTEST_TERM <= len(word) <= LONGEST_TERM}
    return sorted(found)


def cut(text: str) -> str:
    """Return the words of as much of ``text`` as is searched, with a space between them."""
    return " ".join(words_of(text[:MOST_CHARACTERS]))


def plain_text(marked_up: str) -> str:
    """Return what a reader sees of cleaned HTML (``catalogue.text``), as far as it is searched, on one line."""
    return " ".join(html.unescape(_TAG.sub(" ", marked_up[:_MOST_MARKED_UP])).split())


def texts_of_content(*, title: str, labels: list[str], text_html: str, is_preview: bool) -> dict[str, str]:
    """Return the four texts of a content's document. Of one that is no preview the text is ``body``, else ``shown``."""
    text = cut(plain_text(text_html))
    return {
        "title": cut(title),
        "keywords": cut(" ".join(labels)),
        "shown": text if is_preview else "",
        "body": "" if is_preview else text,
    }
