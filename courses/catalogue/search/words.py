"""Words: the same cut for what is written and for what is asked, so that both databases see the same."""

import html
import re
import unicodedata

SHORTEST_TERM = 3
LONGEST_TERM = 64
#: A tsvector holds a megabyte; nobody searches for the last words of the longest text.
MOST_CHARACTERS = 60_000
_MOST_MARKED_UP = 4 * MOST_CHARACTERS
_TAG = re.compile(r"<[^>]*>")
_LATIN_ACCENTS = range(0x300, 0x370)
_JOINERS = {0x200C, 0x200D, 0xAD}
#: Hindi is written with and without the dot below (अंग्रेज़ी, अंग्रेजी), and with either sign for a nasal vowel (उँगली, उंगली).
NUKTA, NASALS = "\u093c", "\u0901\u0902"


class _Letters(dict[int, int | str | None]):
    """For ``str.translate``, filled as met: letters, digits and marks stay, joiners vanish, the rest is space."""

    def __missing__(self, code: int) -> int | str | None:
        kept: int | str | None = " "
        if code in _LATIN_ACCENTS or code in _JOINERS or chr(code) == NUKTA:
            kept = None
        elif chr(code) in NASALS:
            kept = NASALS[-1]
        # Marks are vowel signs in Devanagari: a word without them is another word.
        elif unicodedata.category(chr(code))[0] in "LMN":
            kept = code
        self[code] = kept
        return kept


_letters = _Letters()


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order, as all writers spell them.

    Compatibility forms are made one, case is folded, Latin letters lose their accents and Devanagari its
    dots below, and a nasal vowel has one sign.
    """
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", folded.translate(_letters)).split()


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
