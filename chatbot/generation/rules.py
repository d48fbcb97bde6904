"""What a draft must be before its owner sees it: a small function a rule.

Each takes the draft and what it is made from, and says whether the draft keeps to it. ``first_broken`` names the first
rule that a draft breaks; the names are what a job tells its owner (``refused``).
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process

from chatbot.fences import fenced
from chatbot.generation.making import Written
from chatbot.generation.reading_level import is_harder
from chatbot.generation.vocabulary import NUMBERS
from chatbot.terms import STOP_WORDS, is_same_term, stem
from courses.api import QuestionChangesSerializer, check_question
from e_learning.core.api.errors import InvalidInput
from e_learning.core.words import words_of

LONGEST_QUOTE, LONGEST_SUMMARY, LONGEST_SIDE = 1500, 5000, 1000
_LEAST_QUOTED_WORDS = 2
#: Two texts that are so much alike, of a hundred, ask the same. ``ratio`` sees a changed letter or word, and with words
#: sorted another order; ``token_set_ratio`` would call "What is a root?" and "What is a root hair for?" the same,
#: because it forgives whatever only one of them says.
SAME_FROM = 90
#: How much of a summary or of a card's back must be words of the content.
_OWN_WORDS = 0.6
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_ONE_LETTER_FOR_ANOTHER = str.maketrans("“”„‘’‚–—−\u00a0", "\"\"\"'''--- ")


@dataclass(frozen=True)
class Judged:
    """A draft beside what it is made from. ``known`` are the questions (fronts of cards) that are there already."""

    written: Written
    text: str
    known: Sequence[str] = ()

    @property
    def body(self) -> dict[str, Any]:
        return self.written.body

    @property
    def kind(self) -> str:
        """The type of a question; ``summary`` or ``card`` for what is none."""
        if "question_type" in self.body:
            return str(self.body["question_type"])
        return "summary" if "text" in self.body else "card"

    @property
    def asked(self) -> str:
        return self.written.asked

    @property
    def words(self) -> frozenset[str]:
        """The words of the content by their stems, its numbers as digits too."""
        return _stems_of_content(self.text)


Rule = Callable[[Judged], bool]


def quote_of(text: str, quote: str) -> str | None:
    """Return ``quote`` as it stands in ``text``, with single spaces; None where it doesn't stand there.

    Spaces and ends of lines don't count, nor which kind of quotation marks and dashes a writer has.
    """
    whole, comparable = _whole(text)
    wanted = _comparable(" ".join(quote.split()))
    at = comparable.find(wanted)
    return whole[at : at + len(wanted)] if at >= 0 and len(wanted.split()) >= _LEAST_QUOTED_WORDS else None


# --- the rules ----------------------------------------------------------------------------------
def quote_in_source(judged: Judged) -> bool:
    """The quote stands in the content, word for word."""
    return quote_of(judged.text, judged.written.quote) is not None


def not_too_long(judged: Judged) -> bool:
    """It is of a length that people read. The platform's own limits of a question are its own rule."""
    sides = (judged.body.get("front", ""), judged.body.get("back", ""))
    return (
        len(judged.written.quote) <= LONGEST_QUOTE
        and all(len(side) <= LONGEST_SIDE for side in sides)
        and (judged.kind != "summary" or len(judged.asked) <= min(LONGEST_SUMMARY, len(judged.text)))
    )


def says_something(judged: Judged) -> bool:
    """No side of it is blank."""
    sides = [judged.asked, *([judged.body["back"]] if judged.kind == "card" else [])]
    return all(words_of(side) for side in sides)


def answer_in_source(judged: Judged) -> bool:
    """What is right is said by the content: every word of an option or pair, one of the accepted answers, the number.

    A summary and a card's back must be in words of the content for the greater part, and all their numbers from it.
    """
    body, words = judged.body, judged.words
    if judged.kind == "true_false":
        return True  # its answer is a judgement, and its quote is what it is judged by
    if judged.kind == "fill_in_blank":
        return any(_is_said(answer, words) for answer in body["accepted_answers"])
    if judged.kind == "numeric":
        return _digits(body["number"]) in words
    if judged.kind in ("summary", "card"):
        return _is_of_its_words(body.get("text") or f"{body['front']} {body['back']}", words)
    return all(_is_said(text, words) for text in _right_texts(body))


def options_differ(judged: Judged) -> bool:
    """No two options, lefts or accepted answers are one but for spaces and letter case; nor the sides of a card."""
    body = judged.body
    lists = [
        [option["option_text"] for option in body.get("options", ())],
        [pair["left"] for pair in body.get("pairs", ())],
        [pair["right"] for pair in body.get("pairs", ())],
        body.get("accepted_answers", []),
        [body["front"], body["back"]] if judged.kind == "card" else [],
    ]
    return all(len({_folded(text) for text in texts}) == len(texts) for texts in lists)


def right_number_of_right_options(judged: Judged) -> bool:
    """One of a choice is right; of several at least one, and at least one is wrong."""
    marks = [option["is_correct"] for option in judged.body.get("options", ()) if "is_correct" in option]
    if judged.kind == "multiple_select":
        return any(marks) and not all(marks)
    return judged.kind not in ("multiple_choice", "true_false") or sum(marks) == 1


def no_duplicate(judged: Judged) -> bool:
    """It asks what nothing in the bank and no other draft asks. Questions that differ in a number are different."""
    if judged.kind == "summary":
        return True
    asked = comparable_question(judged.asked)
    numbers = _numbers(asked)
    for score in (fuzz.ratio, fuzz.token_sort_ratio):
        alike = process.extract(asked, judged.known, scorer=score, score_cutoff=SAME_FROM, limit=None)
        if any(_numbers(text) == numbers for text, _score, _place in alike):
            return False
    return True


def answer_not_given_away(judged: Judged) -> bool:
    """The question doesn't say its own answer. Where it names wrong options too, it offers them, and tells nothing."""
    body = judged.body
    if judged.kind == "matching":
        return not any(_stands_in(pair["right"], pair["left"]) for pair in body["pairs"])
    if judged.kind == "fill_in_blank":
        return not any(_stands_in(answer, judged.asked) for answer in body["accepted_answers"])
    if judged.kind == "numeric":
        return _digits(body["number"]) not in _stems(judged.asked)
    if judged.kind in ("multiple_choice", "multiple_select"):
        said = [option["is_correct"] for option in body["options"] if _stands_in(option["option_text"], judged.asked)]
        return not any(said) or not all(said)
    return True


def not_harder_than_source(judged: Judged) -> bool:
    """It reads about as easily as the content. Of what is to be arranged, the words around it are no part of that."""
    return judged.kind in ("matching", "ordering") or not is_harder(judged.asked, than=judged.text)


def fits_platform(judged: Judged) -> bool:
    """The platform takes it as it takes what an author writes by hand, in form and in sense."""
    if "question_type" not in judged.body:
        return True
    form = QuestionChangesSerializer(data=judged.body)
    if not form.is_valid():
        return False
    try:
        check_question(form.validated_data)
    except InvalidInput:
        return False
    return True


RULES: tuple[Rule, ...] = (
    says_something,
    quote_in_source,
    not_too_long,
    fits_platform,
    options_differ,
    right_number_of_right_options,
    answer_in_source,
    answer_not_given_away,
    not_harder_than_source,
    no_duplicate,
)


def first_broken(judged: Judged) -> str | None:
    """Return the name of the first rule that the draft breaks, None where it keeps to all."""
    return next((rule.__name__ for rule in RULES if not rule(judged)), None)


# --- words --------------------------------------------------------------------------------------
def comparable_question(text: str) -> str:
    """Return a question as ``no_duplicate`` compares it: its words, without marks, gaps and letter case."""
    return " ".join(words_of(text.replace("_", " ")))


@lru_cache(maxsize=4)
def _whole(text: str) -> tuple[str, str]:
    """Return a content with single spaces, and the same as it is compared. Every draft of it asks."""
    whole = " ".join(text.split())
    return whole, _comparable(whole)


@lru_cache(maxsize=4)
def _stems_of_content(text: str) -> frozenset[str]:
    return frozenset(_stems(text))


def _comparable(text: str) -> str:
    """One letter for one: places in it are places in ``text``."""
    return fenced(text).translate(_ONE_LETTER_FOR_ANOTHER)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _numbers(text: str) -> list[str]:
    return sorted(word for word in text.split() if word.isdigit() or word in NUMBERS)


def _digits(number: float | Decimal) -> str:
    return f"{Decimal(str(number)).normalize():f}"


def _stems(text: str) -> set[str]:
    words = words_of(text)
    spelled = {str(NUMBERS[word]) for word in words if word in NUMBERS}
    numerals = {_digits(Decimal(found.replace(",", ""))) for found in _DIGITS.findall(text) if _is_number(found)}
    return {stem(word) for word in words} | spelled | numerals


def _is_number(found: str) -> bool:
    return found.replace(",", "").count(".") <= 1


def _is_said(answer: str, words: Collection[str]) -> bool:
    """Whether all that ``answer`` says is said: every word of it that isn't one of every sentence."""
    said = words_of(answer)
    telling = [stem(word) for word in said if word not in STOP_WORDS] or [stem(word) for word in said]
    return bool(telling) and all(_is_met(word, words) for word in telling)


def _is_met(word: str, words: Collection[str]) -> bool:
    return word in words or str(NUMBERS.get(word, "")) in words or any(is_same_term(word, other) for other in words)


def _is_of_its_words(text: str, words: Collection[str]) -> bool:
    said = [stem(word) for word in words_of(text) if word not in STOP_WORDS]
    met = [word for word in said if _is_met(word, words)]
    return len(met) >= _OWN_WORDS * len(said) and all(word in met for word in said if word.isdigit())


def _right_texts(body: dict[str, Any]) -> Iterator[str]:
    for option in body.get("options", ()):
        if option.get("is_correct", True):
            yield option["option_text"]
    for pair in body.get("pairs", ()):
        yield f"{pair['left']} {pair['right']}"


def _stands_in(answer: str, text: str) -> bool:
    """Whether the words of ``answer`` stand in ``text`` side by side."""
    said = words_of(answer)
    return bool(said) and f" {' '.join(said)} " in f" {' '.join(words_of(text))} "
