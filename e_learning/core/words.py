"""Words: the same cut for what is written and for what is asked, so that all who look for words see the same."""

import unicodedata

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
