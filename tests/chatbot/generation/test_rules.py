"""Each rule lets through what keeps to it, and refuses what doesn't."""

from decimal import Decimal
from typing import Any

import pytest

from chatbot.generation import rules
from chatbot.generation.bodies import (
    choice_body,
    fill_body,
    matching_body,
    numeric_body,
    ordering_body,
    true_false_body,
)
from chatbot.generation.making import Wanted, Written
from chatbot.generation.reading_level import is_harder, level_of
from chatbot.generation.rules import Judged, comparable_question, first_broken, quote_of

LESSON = (
    "The xylem brings water up from the roots. The phloem takes sugar from the leaves to all other parts.\n"
    "A cactus stores water in its green stem. The khejri sends roots thirty metres down. It grew 1,200 seeds & more.\n"
    "First the seed drinks. Then the root comes out. Last the shoot turns up."
)
QUOTE = "The xylem brings water up from the roots."
WANTED = Wanted("questions", "medium", 5, topic="Plants")


def judged(body: dict[str, Any], quote: str = QUOTE, known: tuple[str, ...] = ()) -> Judged:
    return Judged(Written(body, quote), LESSON, [comparable_question(text) for text in known])


def choice(text: str = "What brings water up?", *options: tuple[str, bool], kind: str = "multiple_choice") -> Judged:
    return judged(choice_body(WANTED, kind, text, options or [("the xylem", True), ("the phloem", False)]))


def fill(text: str = "Water is brought up by the _____.", *accepted: str) -> Judged:
    return judged(fill_body(WANTED, text, accepted or ["xylem"]))


def numeric(number: Any, text: str = "How many metres down do they go?") -> Judged:
    return judged(numeric_body(WANTED, text, Decimal(str(number))))


def matching(*pairs: tuple[str, str]) -> Judged:
    return judged(matching_body(WANTED, "What brings what?", pairs or [("xylem", "water"), ("phloem", "sugar")]))


def card(front: str = "xylem", back: str = "It brings water up from the roots.") -> Judged:
    return judged({"front": front, "back": back})


def summary(text: str = "The xylem brings water up. The phloem takes sugar down from the leaves.") -> Judged:
    return judged({"text": text})


GOOD = [
    choice(),
    choice("Which of them are tubes?", ("xylem", True), ("phloem", True), ("seed", False), kind="multiple_select"),
    judged(true_false_body(WANTED, "The xylem brings sugar up.", is_true=False, language="en")),
    fill(),
    numeric(30),
    matching(),
    judged(ordering_body(WANTED, "How does it wake up?", ["the seed drinks", "the root comes out"])),
    card(),
    summary(),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.kind)
def test_what_keeps_to_every_rule_is_let_through(good: Judged) -> None:
    assert first_broken(good) is None


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (rules.says_something, choice("_____ …")),
        (rules.says_something, card(back=" ?")),
        (rules.quote_in_source, judged(fill().body, "The xylem brings water up to the roots.")),
        (rules.quote_in_source, judged(fill().body, "xylem")),
        (rules.quote_in_source, judged(fill().body, "")),
        (rules.not_too_long, card(back="water " * 300)),
        (rules.not_too_long, summary(f"{LESSON} {LESSON}")),
        (rules.fits_platform, choice("What brings water up?", ("the xylem", True))),
        (rules.fits_platform, choice("Up?", ("xylem", True), ("phloem", False), ("seed", False), kind="true_false")),
        (rules.fits_platform, fill("w" * 10_001)),
        (rules.fits_platform, fill("_____?", "x" * 501)),
        (rules.fits_platform, numeric(10**18)),
        (rules.fits_platform, numeric(float("nan"))),
        (rules.fits_platform, choice("Up?", ("x" * 1001, True), ("the phloem", False))),
        (rules.options_differ, choice("What?", ("xylem", True), ("phloem", False), (" Phloem ", False))),
        (rules.options_differ, fill("_____?", "xylem", "XYLEM ")),
        (rules.options_differ, matching(("xylem", "water"), ("phloem", "Water"))),
        (rules.options_differ, card("xylem", "Xylem")),
        (rules.right_number_of_right_options, choice("What?", ("xylem", True), ("phloem", True))),
        (rules.right_number_of_right_options, choice("What?", ("xylem", False), ("phloem", False))),
        (
            rules.right_number_of_right_options,
            choice("What?", ("xylem", True), ("phloem", True), kind="multiple_select"),
        ),
        (
            rules.right_number_of_right_options,
            choice("What?", ("xylem", False), ("phloem", False), kind="multiple_select"),
        ),
        (rules.answer_in_source, choice("What brings it?", ("the cambium", True), ("the phloem", False))),
        (rules.answer_in_source, choice("W?", ("xylem", True), ("bark", True), ("a", False), kind="multiple_select")),
        (rules.answer_in_source, fill("It is brought up by _____.", "capillaries")),
        (rules.answer_in_source, numeric(31)),
        (rules.answer_in_source, matching(("xylem", "water"), ("cambium", "wood"))),
        (rules.answer_in_source, card("xylem", "It was described by Nägeli in 1858, in Munich.")),
        (rules.answer_in_source, summary("Trees of the rain forest live for 400 years and more.")),
        (rules.answer_not_given_away, choice("The xylem brings what up?", ("xylem", True), ("sugar", False))),
        (rules.answer_not_given_away, fill("The xylem of the _____ is a tube.", "xylem")),
        (rules.answer_not_given_away, numeric(30, "They go thirty metres down, or how many?")),
        (rules.answer_not_given_away, matching(("xylem with water", "water"), ("phloem", "sugar"))),
        (
            rules.not_harder_than_source,
            fill(
                "Notwithstanding considerable gravitational counteraction, internationally acknowledged "
                "phytophysiological investigations unambiguously demonstrate hydrological transportation via _____."
            ),
        ),
        (rules.no_duplicate, judged(fill().body, known=("Water is brought up by the ____!",))),
        (rules.no_duplicate, judged(fill().body, known=("By the … water is brought up",))),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_by_its_name(rule: rules.Rule, bad: Judged) -> None:
    assert not rule(bad)
    assert first_broken(bad) is not None


def test_the_first_broken_rule_is_named() -> None:
    assert first_broken(judged(fill("Up by _____?", "capillaries").body, "nowhere in it")) == "quote_in_source"
    assert first_broken(fill("Water is brought up by _____.", "capillaries")) == "answer_in_source"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("The  xylem\nbrings water up", "The xylem brings water up"),
        ("all other parts. A cactus stores water", "all other parts. A cactus stores water"),
        ("the xylem brings water up", None),
        ("brings", None),
        (" ", None),
    ],
)
def test_a_quote_is_found_whatever_its_spaces(quote: str, found: str | None) -> None:
    assert quote_of(LESSON, quote) == found


def test_a_quote_is_given_back_as_the_lesson_writes_it() -> None:
    text = "She said: “Don’t — if 1 < 2 — go.”"
    assert quote_of(text, '"Don\'t - if 1 ‹ 2 - go."') == "“Don’t — if 1 < 2 — go.”"


def test_questions_that_offer_their_options_tell_nothing() -> None:
    assert rules.answer_not_given_away(choice("Is it the xylem or the phloem that brings water up?"))


@pytest.mark.parametrize("known", ["What brings sugar up?", "What is the xylem?", "How many metres is it? 12"])
def test_another_question_is_no_duplicate(known: str) -> None:
    assert rules.no_duplicate(choice().__class__(choice().written, LESSON, [comparable_question(known)]))


def test_questions_that_differ_in_a_number_are_different() -> None:
    asked = judged(numeric_body(WANTED, "What is twelve times 3?", Decimal(36)), known=("What is twelve times 4?",))
    assert rules.no_duplicate(asked)


@pytest.mark.parametrize("number", [30, 1200, 1200.0])
def test_a_number_is_found_in_words_and_with_commas(number: float) -> None:
    assert rules.answer_in_source(numeric(number))


def test_hindi_is_judged_as_english_is() -> None:
    text = "नीम की पत्तियाँ कड़वी होती हैं, इसलिए कीड़े उनसे दूर रहते हैं। तुलसी को रोज़ धूप चाहिए।"
    body = fill_body(WANTED, "तुलसी को रोज़ _____ चाहिए।", ["धूप"])
    assert first_broken(Judged(Written(body, "तुलसी को रोज़ धूप चाहिए।"), text)) is None
    body = fill_body(WANTED, "तुलसी को रोज़ _____ चाहिए।", ["खाद"])
    assert first_broken(Judged(Written(body, "तुलसी को रोज़ धूप चाहिए।"), text)) == "answer_in_source"


def test_a_word_that_the_lesson_uses_makes_no_question_hard() -> None:
    lesson = "A leaf makes sugar from light. This is called photosynthesis. It takes carbon dioxide from the air."
    question = "What is it called when a leaf makes sugar: photosynthesis, or photosynthesis of carbon dioxide?"
    assert level_of(question) > level_of(lesson) + 4
    assert not is_harder(question, than=lesson)
