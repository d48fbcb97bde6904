"""Which sentences say something by themselves, so that they can be asked about or quoted alone. Pure."""

import re
from itertools import pairwise

from chatbot.generation.lesson import WORD, Sentence, is_whole

_LEAST_WORDS, _MOST_WORDS, _LONGEST = 6, 32, 260
_LONGEST_WITH_BEFORE, _MOST_BEFORE = 400, 3
#: Words that stand for something said before: a sentence that begins with one doesn't stand alone.
_LOOKING_BACK = frozenset(
    """
    it its it's he she his her him this that's these that those such both others another either neither here there so
    but and or then also too therefore thus hence however otherwise instead yet not
    यह ये वह वे इस उस इन उन इसे उसे इसका इसकी इसके इनका इनकी इनके उसका उसकी उसके उनका उनकी उनके इसमें उसमें इनमें उनमें
    इन्हें उन्हें वही यही वहाँ यहाँ ऐसा ऐसे ऐसी लेकिन पर मगर और तो फिर इसलिए
    """.split()
)
_WITHIN = 3
#: Pronouns reach further: "On a hot afternoon they close".
_PRONOUNS = {"it": 5, "they": 5, "them": 5, "their": 4}
_ONE_OF_THEM = re.compile(
    r"^The (?:first|second|third|others?|latter|former|next|last)\b(?! [a-z]+ of)|\b(?:do|does|did),"
)
#: Words that point at the page, not at the world; and people who speak of themselves.
_POINTING = frozenset(
    "above below following previous next example exercise picture figure chapter lesson ऊपर नीचे चित्र".split()
)
_OF_ONESELF = frozenset("i i'm i'll i've my we're मैं मेरा मेरी मेरे".split())
#: What lessons tell somebody to do begins with one of these.
_TELLING = frozenset(
    """
    add ask begin bend bring call change check choose click close come compare copy count cover curve cut do draw drop
    explain fill find fold form get give go greet hold imagine join keep lay learn leave let lift listen look make mark
    measure mix move name notice open paint pay pick place point pour practise press pull push put raise read remember
    repeat return say select set sign spell spread stand start stay stop stretch take tell think tip touch try turn use
    wait walk wash watch write
    """.split()
)
#: By these a task is known: what learners are to do after the lesson, and nothing that it teaches.
_TASK = frozenset("your yourself times today tonight aloud tomorrow".split())
_VERBS = frozenset(
    """
    is are was were be been am has have had can could may might must shall should will would do does did don't doesn't
    isn't aren't became began built came felt fell found gave got grew held kept knew led left lost made meant met put
    ran said sat saw sent stood took told thought went won wrote come comes grow live lives
    """.split()
)
_NO_SUBJECT = frozenset(
    "a an the of in on at by with from for to and or as two three four five six seven eight nine ten many some upper "
    "other small large first second all both".split()
)


def stands_alone(sentence: Sentence) -> bool:
    """Whether a sentence says something whole by itself, neither too short nor too long, and no task to be done."""
    text = sentence.text
    words = _words(text)
    return (
        is_whole(text)
        and _LEAST_WORDS - (sentence.language == "hi") <= len(words) <= _MOST_WORDS
        and len(text) <= _LONGEST
        and not text[0].islower()
        and not looks_back(text)
        and words[0] not in _OF_ONESELF
        and _POINTING.isdisjoint(words)
        and not (is_told_to_do(sentence) and not _TASK.isdisjoint(words))
        and (sentence.language != "en" or is_told_to_do(sentence) or _has_verb(text))
    )


def looks_back(text: str) -> bool:
    """Whether ``text`` begins with something that only what was said before it explains."""
    words = _words(text)
    return (
        not _LOOKING_BACK.isdisjoint(words[:_WITHIN])
        or any(pronoun in words[:within] for pronoun, within in _PRONOUNS.items())
        or bool(_ONE_OF_THEM.search(text))
    )


def is_told_to_do(sentence: Sentence) -> bool:
    """Whether a sentence tells somebody to do something: it is neither true nor false."""
    words = _words(sentence.text)
    return bool(words) and words[0] in _TELLING


def with_what_it_looks_back_to(sentence: Sentence) -> str | None:
    """Return what a sentence has to be read with, a space at its end: from the last one before that looks no further.

    '' for one that stands alone; None where nothing near is enough.
    """
    if stands_alone(sentence):
        return ""
    if not is_whole(sentence.text) or not looks_back(sentence.text):
        return None
    before: list[str] = []
    for text in reversed(sentence.before[-_MOST_BEFORE:]):
        before.insert(0, text)
        if not is_whole(text):
            return None
        if not looks_back(text):
            whole = " ".join(before) + " "
            return whole if len(whole) + len(sentence.text) <= _LONGEST_WITH_BEFORE else None
    return None


def _has_verb(text: str) -> bool:
    """Whether there seems to be a verb: a common one, or a word that agrees with the word before or after it."""
    words = list(WORD.finditer(text.lower()))
    if any(word[0] in _VERBS for word in words):
        return True
    for word, following in pairwise(words):
        if text[word.end() : following.start()] != " " or word[0] in _NO_SUBJECT:
            continue
        if following[0].endswith(("s", "ed")) and not word[0].endswith("s"):
            return True
        if word[0].endswith("s") and following[0] not in _NO_SUBJECT:
            return True
    return False


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in WORD.finditer(text)]
