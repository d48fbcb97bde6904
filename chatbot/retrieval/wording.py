"""Words as the index holds them and as questions ask for them: cut alike, and in Hindi without their endings.

English endings are the databases' own matter: the stemmer of PostgreSQL, and Porter's in SQLite.
"""

from chatbot.terms import WEAK_FORMS, letters_of, telling_words, without_hindi_ending
from e_learning.core.words import words_of

MOST_WORDS = 12
LONGEST_WORD = 64
#: Characters of a question that are read.
_MOST_ASKED = 4_000


def indexed_words(text: str) -> str:
    """Return the words of ``text`` as full text search reads them, with a space between them."""
    return " ".join([*(without_hindi_ending(word) for word in words_of(text)), *_letters(text)])


def asked_words(question: str) -> list[str]:
    """Return what ``question`` asks about: up to ``MOST_WORDS`` different words as the index has them, in order.

    Words that only make it a question are left out; where it is longer, the longest words stay. No words: nothing
    is asked about.
    """
    question = question[:_MOST_ASKED]
    words = [*telling_words(question), *_letters(question)]
    telling = [word for word in words if word not in WEAK_FORMS]
    different = list(dict.fromkeys(without_hindi_ending(word[:LONGEST_WORD]) for word in telling or words))
    kept = set(sorted(different, key=len, reverse=True)[:MOST_WORDS])
    return [word for word in different if word in kept]


def _letters(text: str) -> list[str]:
    """Letters that are spoken of, each as a word that is nothing else: "a", "i", "s" and "t" are lost as stop words."""
    return [f"{letter}0letter" for letter in letters_of(text)]
