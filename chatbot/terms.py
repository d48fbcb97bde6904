"""What of a sentence is looked for: its words without those that every sentence has, each by its stem.

English and Hindi. One cut for questions and for what answers them, so that both meet. Pure.
"""

import re
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from e_learning.core.words import words_of

#: Words of every sentence: they say nothing of what it is about.
STOP_WORDS = frozenset(
    """
    a about after again all also am an and any anybody anyone anything are as at be because been before being but by can
    cannot could did do does doing done down else etc even ever every everybody everyone for from get gets getting give
    given go going got had has have having he hello help her here hers hey hi him his how i if in into is it its just
    kindly know let like may me might mine more most must my myself need no not now of off ok okay on once one
    only or other our out over own please quite really same shall she should so some somebody someone something such
    teach tell than thank thanks that the their them then there these they this those through to too until up us very
    want wants was we well were what whats when where which while who whom whose why will with without would yes yet you
    your yours don doesn didn isn aren wasn won couldn shouldn wouldn im ive ill id youre theres cant dont
    actually anyway maybe wanna gonna gotta supposed herself himself itself nor ours ourselves theirs themselves weren
    yourself yourselves
    है हैं हो हूँ था थी थे का की के को से में पर ने और या कि जो यह ये वह वे वो इस उस इन उन इसे उसे मैं मुझे मेरा मेरी मेरे हम हमें
    हमारा आप आपका आपकी आपके तुम तुम्हारा तू क्या क्यों कब कहाँ कैसे कैसी कैसा कौन किस किसे किसका कितना कितनी कितने कौनसा कौनसी
    कर करना करते करता करती करें करूँ किया करो करके होता होती होते होना हुआ हुई हुए गया गई गए जाता जाती जाते जाए जाना रहा रही रहे
    सकता सकती सकते चाहिए लिए तो भी ही न नहीं मत एक कोई कुछ तक साथ बाद बारे बताओ बताइए बताएँ बताना कृपया अब फिर जब तब अगर सब
    वाला वाली वाले द्वारा अपना अपनी अपने दो दें देना दीजिए ले लेना जी हाँ इसका इसकी उसका उसकी किए किसकी किसके किसने क्यूँ पहले
    यहाँ लिये वहाँ सभी
    """.split()
)  # fmt: skip
_STOP_FORMS = frozenset(form for word in STOP_WORDS for form in words_of(word))
_ARTICLES = {"a", "an", "the"}
#: What most people say both ways.
_ONE_WORD = {"telephone": "phone", "mobile": "phone", "टेलीफोन": "फोन", "मोबाइल": "फोन"}
#: Words in which people wrap what they ask: of little weight.
_WEAK_WORDS = (
    "answer ask call chapter class come correct correctly course describe difference different english example "
    "explain good happen hindi keep kind language learn lesson little long look make many mean means meaning module "
    "much name new number part people person place point question read remember right say said says see sentence show "
    "sort speak stand start take talk thing time try type understand use used using video way word work write wrong "
    "मतलब अर्थ बोलना बोलते बोलें कहना कहते कहें कहूँ बताया शब्द वाक्य पाठ कोर्स सवाल जवाब अंग्रेज़ी हिन्दी हिंदी सीखना समझाओ "
    "समझाइए तरीका तरह काम आना आता आती आते बात लोग चीज़ सही गलत ग़लत फ़र्क अंतर इस्तेमाल उपयोग"
)
_CLITICS = re.compile(r"(?<=\w)['’](?:s|t|m|d|ll|re|ve)\b", re.IGNORECASE)
#: A letter that is spoken of: after the word for it or in quotes; any other capital but I, and A past the beginning.
_LETTER = re.compile(
    r"(?:\b(?:letters?|alphabet)|अक्षर)\s+[\"'“‘]?([A-Za-z])\b"
    r"|[\"'“‘]([A-Za-z])[\"'”’]|(?<=[\w,] )([B-HJ-Z]|A(?=\W*$))\b"
)
#: The endings of Hindi that change with number, gender and case, longest first (after Ramanathan and Rao, "A
#: Lightweight Stemmer for Hindi", 2003), as ``words_of`` writes them. Not those of verbs alone: nouns end so too.
_HINDI_ENDINGS = sorted("ियों ियां ाओं ाएं ुओं ुएं ओं ों ें ीं ां ाए ाओ ा ी े ि ु ू ो ं".split(), key=len, reverse=True)
_ENGLISH_ENDINGS = (
    ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ements", "e"), ("ement", "e"),
    ("ations", "at"), ("ation", "at"), ("nesses", ""), ("ness", ""), ("ments", ""), ("ment", ""), ("ities", "ity"),
    ("ously", "ous"), ("fully", "ful"), ("ingly", ""), ("edly", ""), ("ally", "al"), ("ies", "y"), ("ied", "y"),
    ("ily", "y"), ("ings", ""), ("ing", ""), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"),
    ("eed", "ee"), ("ed", ""), ("ers", ""), ("er", ""), ("est", ""), ("ly", ""),
)  # fmt: skip
_SHORTEST_STEM = 3


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what a word shares with its other forms. ``word`` is as ``words_of`` cuts it."""
    if not word.isascii():
        return without_hindi_ending(word)
    if any(character.isdigit() for character in word):
        return word
    for ending, instead in _ENGLISH_ENDINGS:
        shortest = 5 if ending in ("er", "ers", "est") else _SHORTEST_STEM  # a finger is not somebody who fings
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= shortest:
            return _settled(word[: -len(ending)] + instead)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST_STEM:
        return _settled(word[:-1])
    return _settled(word)


def _settled(word: str) -> str:
    """``stopp`` and ``stop``, ``phras`` and ``phrase``, ``happi`` and ``happy`` are one."""
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > _SHORTEST_STEM and word.endswith("y") else word


def without_hindi_ending(word: str) -> str:
    """Return a Hindi word without the ending of its form; any other word as it is."""
    for ending in _HINDI_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)]
    return word


def terms_of(text: str) -> list[str]:
    """Return what ``text`` speaks of, in order, a term each time it is said: stems, numbers, and letters spoken of."""
    return [*(stem(word) for word in telling_words(text)), *letters_of(text)]


def telling_words(text: str) -> list[str]:
    """Return the words of ``text`` that say what it is about, in order, as they are written. No single letters."""
    words = [_ONE_WORD.get(word, word) for word in words_of(_CLITICS.sub("", text)) if word not in _STOP_FORMS]
    return [word for word in words if len(word) > 1 or word.isdigit()]


def letters_of(text: str) -> list[str]:
    """Return the letters of the alphabet that ``text`` speaks of, as against one-letter words."""
    return [letter.lower() for match in _LETTER.findall(_CLITICS.sub("", text)) for letter in match if letter]


def pairs_of(text: str) -> set[tuple[str, str]]:
    """Return each two words that stand side by side, stop words too: "how many" and "hang up" are only pairs.

    Articles are passed over: whoever asks for "a poll" means no other thing than "the poll".
    """
    return set(pairwise(word for word in words_of(text) if word not in _ARTICLES))


def is_same_term(asked: str, written: str) -> bool:
    """Whether both are one word, or one of them is misspelt: a slip in five letters, two in nine. Never in numbers."""
    if asked == written:
        return True
    shorter = min(len(asked), len(written))
    if shorter < 5 or asked[0] != written[0] or any(map(str.isdigit, asked + written)):
        return False
    return OSA.distance(asked, written, score_cutoff=2) <= (2 if shorter >= 9 else 1)


WEAK_FORMS = frozenset(words_of(_WEAK_WORDS))
WEAK_TERMS = frozenset(term for word in _WEAK_WORDS.split() for term in terms_of(word))
