"""The words of a content that can be asked for: its names, its numbers, its nouns, and what it defines. Pure.

Nothing here knows grammar. A word is taken for a noun where what stands around it leaves little else to be: an article
before it and a preposition or the end of a clause after it, in Hindi a postposition after it. What is missed is not
asked for; better so than a gap that nobody could fill.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chatbot.generation.lesson import LETTER, WORD, Sentence
from chatbot.terms import STOP_WORDS, WEAK_TERMS, stem, terms_of
from e_learning.core.words import words_of

NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000,
    "तीन": 3, "चार": 4, "पाँच": 5, "पांच": 5, "छह": 6, "सात": 7, "आठ": 8, "नौ": 9, "दस": 10, "बारह": 12, "बीस": 20,
    "सौ": 100, "हज़ार": 1000, "हजार": 1000,
}  # fmt: skip
_HALVES = {"half", "quarter", "hundred", "thousand", "million", "dozen", "सौ", "हज़ार", "हजार", "लाख", "करोड़"}
_ARTICLES = frozenset("a an the its their his her our your each every no".split())
_BEFORE_NOUN = _ARTICLES | frozenset("of from with by into through under between in on".split())
_AFTER_NOUN = frozenset(
    "of in on at from with by into through under over between to for as and or but is are was were has have had can "
    "could may must will would do does did that which who where when while because if than without before after "
    "until so holds grows carries runs takes makes brings gives needs uses lives stands adds forms keeps goes comes "
    "means shows becomes contains causes helps turns moves begins ends opens closes".split()
)
#: What stands where a noun stands and is none, or says too little to be asked for.
_NO_NOUNS = frozenset(
    """
    able above across around away big bigger black blue bright cold dark deep different dry early easy empty few first
    former following free full good great green hard heavy high hot important large last late latter left little
    long low main middle near new next old only open other own red right round same second several short simple single
    slow small soft special strong third tiny warm weak wet whole white wide wild yellow young
    amount back beginning bit bottom case day days edge end evening example fact form front group half hour hours idea
    inside kind kinds lot matter means middle minute minutes moment month months morning night number order others
    outside part parts piece pieces place places point reason rest room sake second seconds side sides size sort step
    steps thing things time times today tomorrow top type types way ways week weeks while world year years yesterday
    still twice once upper lower change stop stuff
    towards along against behind beside beyond during inside upon within without itself themselves yourself everything
    nothing something anything everybody nobody somebody anybody
    """.split()
)
_POSTPOSITIONS = frozenset("का की के को से में पर ने तक".split())
_NO_HINDI_NOUNS = frozenset(
    "पास ऊपर नीचे अंदर बाहर आगे पीछे सामने बीच ओर तरफ़ तरफ पहले बाद लिए साथ वजह कारण समय दिन साल रात सुबह शाम जगह बार रूप "
    "प्रकार तरह करने होने जाने आने देने लेने रखने कहने बनाने रहने खाने पीने देखने चलने वहाँ यहाँ कहाँ जहाँ आज कल इनमें उनमें सबसे दूसरे "
    "पहली दूसरी जिस जिन किसी सभी दोनों एक हर".split()
)
_DEFINED = re.compile(
    r"\b(?:called|known as)\s+(?:an?\s+|the\s+)?[“\"'‘]?"
    rf"((?:{LETTER})+(?:[- ](?:{LETTER})+)?)[”\"'’]?(?=[.,;)])",
    re.IGNORECASE,
)
#: "A taproot is one thick root": what it is, said at the beginning.
_IS_A = re.compile(r"^(?:An?\s+|The\s+)?([A-Za-z]{4,}(?: [a-z]{4,})?) (?:is|are) (?:an?|one|the|many) (?=[a-z]+ )")
_DEFINED_HINDI = re.compile(rf"(?<!\S)((?:{LETTER})+) (?:कहते हैं|कहा जाता है|कहलाता है|कहलाती है|कहलाते हैं)")
_NAMED = re.compile(r"[A-Z][a-z]{2,}")
#: What people say to each other is written with a capital, and names nobody.
_NO_NAMES = frozenset("hello hi sorry excuse thank thanks please yes no nice dear goodbye ok okay oh well".split())
_NUMERAL = re.compile(
    r"(?<![\w.,:/#-])\d{1,3}(?:,\d{2,3})+(?:\.\d+)?(?![\w:/%-])|(?<![\w.,:/#-])\d+(?:\.\d+)?(?![\w:/%-])"
)
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Term:
    """A word or two of a sentence, from ``start`` to ``end`` in it. What is of one ``sort`` can be exchanged."""

    text: str
    start: int
    end: int
    sort: str
    is_defined: bool = False

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(stem(word) for word in words_of(self.text))


class Vocabulary:
    """What can be asked for in ``sentences``, and how often each of it is said."""

    def __init__(self, sentences: Iterable[Sentence], *, title: str) -> None:
        self._sentences = list(sentences)
        self._said = Counter(term for sentence in self._sentences for term in terms_of(sentence.text))
        self._title = frozenset(terms_of(title))
        self._written_small = {word for sentence in self._sentences for word in _small_words(sentence.text)}
        self._names = {
            match[0] for sentence in self._sentences for match in _NAMED.finditer(sentence.text, 1)
            if self._is_name(sentence.text, match)
        }  # fmt: skip
        self._nouns = {term.text for sentence in self._sentences for term in _nouns_by_place(sentence)}
        self._terms = {sentence.place: self._found_in(sentence) for sentence in self._sentences}
        self._plain_words = {sentence.place: _plain_words_in(sentence.text) for sentence in self._sentences}
        self._by_sort: dict[str, dict[str, tuple[str, int]]] = {}
        for place, terms in [*self._terms.items(), *self._plain_words.items()]:
            for term in terms:
                self._by_sort.setdefault(term.sort, {}).setdefault(term.text.casefold(), (term.text, place))

    def terms_in(self, sentence: Sentence) -> list[Term]:
        """Return what can be asked for in ``sentence``: none in another's place, and each said there once only."""
        return self._terms[sentence.place]

    def plain_words_in(self, sentence: Sentence) -> list[Term]:
        """Return words of ``sentence`` that say something, whatever they are: for want of better to ask for."""
        return self._plain_words[sentence.place]

    def of_sort(self, sort: str) -> Collection[tuple[str, int]]:
        """Return the terms of a sort, each with the place of the sentence that says it first."""
        return self._by_sort.get(sort, {}).values()

    def times_said(self, term: Term) -> int:
        """Return how often the content says it, once more where its title does."""
        stems = term.stems
        return max((self._said[one] + (one in self._title) for one in stems), default=0)

    def _found_in(self, sentence: Sentence) -> list[Term]:
        text = sentence.text
        found = [*_defined_in(sentence), *_numbers_in(text), *self._names_in(text), *self._nouns_in(sentence)]
        kept: list[Term] = []
        for term in found:
            if all(term.end <= other.start or other.end <= term.start for other in kept) and _is_said_once(term, text):
                kept.append(term)
        return kept

    def _is_name(self, text: str, match: re.Match[str]) -> bool:
        """A capital in the middle of a sentence, of a word that is nowhere written small."""
        before = text[: match.start()].rstrip("\"'“‘( ")
        word = match[0].lower()
        is_inside = bool(before) and before[-1] not in ".!?:…।" and text[match.start() - 1] in " (“"
        is_common = word in self._written_small or word in STOP_WORDS | _NO_NAMES or stem(word) in WEAK_TERMS
        return is_inside and not is_common

    def _names_in(self, text: str) -> list[Term]:
        """Return names, those of two words whole: a gap in the middle of one would tell it."""
        runs = re.finditer(r"[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*", text)
        return [
            Term(run[0], *run.span(), sort="name")
            for run in runs
            if all(word in self._names for word in run[0].split())
        ]

    def _nouns_in(self, sentence: Sentence) -> list[Term]:
        return [
            Term(match[0], *match.span(), sort=_sort_of(match[0]))
            for match in WORD.finditer(sentence.text)
            if match[0] in self._nouns
        ]


def _small_words(text: str) -> set[str]:
    return {match[0] for match in WORD.finditer(text) if match[0].islower()}


def _is_said_once(term: Term, text: str) -> bool:
    rest = {stem(word) for word in words_of(f"{text[: term.start]} {text[term.end :]}")}
    return not term.stems & rest


def _sort_of(noun: str) -> str:
    """Return what a noun could be exchanged with without a slip of grammar: its number, in Hindi its ending."""
    if not noun.isascii():
        ending = noun[-1] if "\u093e" <= noun[-1] <= "\u094c" or noun[-1] in "ंँ" else ""
        return f"hindi noun {ending}"
    return "nouns" if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else "noun"


def _is_plain(word: str) -> bool:
    """Whether a word is written small and tells something by itself."""
    least = _LEAST_LETTERS + 2 if word.isascii() else _LEAST_LETTERS
    if len(word) < least or (not word.replace("-", "").isalpha() and word.isascii()) or word != word.lower():
        return False
    return word not in STOP_WORDS | _NO_NOUNS | _NO_HINDI_NOUNS and word not in NUMBERS and stem(word) not in WEAK_TERMS


def _plain_words_in(text: str) -> list[Term]:
    matches = [match for match in WORD.finditer(text) if _is_plain(match[0])]
    found = [Term(match[0], *match.span(), sort=_sort_of_plain(match[0])) for match in matches]
    return [term for term in found if _is_said_once(term, text)]


def _sort_of_plain(word: str) -> str:
    """Return what a word could be exchanged with: one that ends alike."""
    if not word.isascii():
        return f"plain {_sort_of(word)}"
    ending = next((ending for ending in ("ing", "ed", "ly", "s") if word.endswith(ending)), "")
    return f"plain {ending}"


def _defined_in(sentence: Sentence) -> list[Term]:
    matches = [*_DEFINED.finditer(sentence.text), *_DEFINED_HINDI.finditer(sentence.text)]
    matches += [match for match in _IS_A.finditer(sentence.text) if _is_thing(match[1])]
    terms = [Term(match[1], *match.span(1), sort=_sort_of(match[1]), is_defined=True) for match in matches]
    return [term for term in terms if len(term.text) >= _LEAST_LETTERS and term.text.lower() not in STOP_WORDS]


def _is_thing(text: str) -> bool:
    """Whether each of the words could be a noun's: no "There is", no "The next is"."""
    words = text.lower().split()
    return all(word not in STOP_WORDS | _NO_NOUNS and word not in NUMBERS for word in words)


def _numbers_in(text: str) -> list[Term]:
    words = list(WORD.finditer(text))
    spelled = [
        Term(match[0], *match.span(), sort="number")
        for place, match in enumerate(words)
        if match[0] in NUMBERS and not _is_part_of_number(words, place)
    ]
    return [*(Term(match[0], *match.span(), sort="numeral") for match in _NUMERAL.finditer(text)), *spelled]


def _is_part_of_number(words: list[re.Match[str]], place: int) -> bool:
    """Of two hundred, and of nine and a half, no part alone is a number."""
    around = {match[0].lower() for match in [*words[max(0, place - 1) : place], *words[place + 1 : place + 4]]}
    next_one = {match[0].lower() for match in words[place + 1 : place + 2]}
    return bool(around & _HALVES or next_one & NUMBERS.keys() or any(word.isdigit() for word in around))


def _nouns_by_place(sentence: Sentence) -> list[Term]:
    words = list(WORD.finditer(sentence.text))
    is_noun = _is_hindi_noun if sentence.language == "hi" else _is_english_noun
    return [
        Term(match[0], *match.span(), sort=_sort_of(match[0]))
        for place, match in enumerate(words)
        if is_noun(sentence.text, words, place)
    ]


def _is_english_noun(text: str, words: list[re.Match[str]], place: int) -> bool:
    word = words[place][0]
    if not (word.isascii() and word.islower() and word.isalpha()) or len(word) < _LEAST_LETTERS + 1:
        return False
    if word in STOP_WORDS or word in _NO_NOUNS or word in NUMBERS or stem(word) in WEAK_TERMS:
        return False
    if word.endswith(("ing", "ed", "ly", "est", "er's", "ful", "ous", "ive", "able", "ible")):
        return False
    return _ends_phrase(text, words, place) and _follows_article(text, words, place)


def _follows_article(text: str, words: list[re.Match[str]], place: int) -> bool:
    """An article or preposition before it, or an article and one word between; no mark parts them.

    After an article and a noun comes a verb as easily as a noun: "the seed drinks", "the pole star".
    """
    for back, openers in ((1, _BEFORE_NOUN), (2, _ARTICLES)):
        if place >= back and words[place - back][0].lower() in openers:
            is_parted = re.search(r"[.,;:!?()|“”\"]", text[words[place - back].end() : words[place].start()])
            return not is_parted and (back == 1 or not _could_be_verb(text, words, place))
    return False


def _could_be_verb(text: str, words: list[re.Match[str]], place: int) -> bool:
    middle, word = words[place - 1][0].lower(), words[place][0]
    if middle in _NO_NOUNS or middle.endswith(("y", "ful", "ous", "ive", "est", "al", "ic")):
        return False  # an adjective stands between
    if middle.endswith("s") or word.endswith(("s", "ook", "ood", "ent", "ame", "ew")):
        return True
    return place + 1 < len(words) and text[words[place].end() : words[place + 1].start()] == " "


def _ends_phrase(text: str, words: list[re.Match[str]], place: int) -> bool:
    if place + 1 == len(words):
        return True
    between = text[words[place].end() : words[place + 1].start()]
    return between.strip() != "" or words[place + 1][0].lower() in _AFTER_NOUN


def _is_hindi_noun(text: str, words: list[re.Match[str]], place: int) -> bool:
    word = words[place][0]
    if place + 1 == len(words) or words[place + 1][0] not in _POSTPOSITIONS or len(word) < _LEAST_LETTERS:
        return False
    if text[words[place].end() : words[place + 1].start()] != " " or word in NUMBERS or word in _NO_HINDI_NOUNS:
        return False
    return "\u0900" <= word[0] <= "\u097f" and word not in STOP_WORDS and not word.endswith(("ने", "कर"))
