"""Whether passages hold an answer at all. How often it is right over many questions: tests/chatbot/test_answers.py."""

import pytest

from chatbot.providers.base import Passage
from chatbot.retrieval.judging import is_answered_by

SHOP = Passage(1, 1, 1, 1, "At the shop", "How much is this shirt? Four hundred and fifty rupees. Ask for the bill.")
LETTER = Passage(2, 2, 2, 1, "The letter A", "Make a fist and rest the thumb along the side of the index finger.")


@pytest.mark.parametrize(
    ("question", "is_answered"),
    [
        ("how do i ask for the bill", True),
        ("How do I ask for the biil in a shop, please?", False),  # four letters: a slip may be another word
        ("how much was the shirt", True),
        ("How much was the shirrt in the shop?", True),
        ("How do I sign the letter A?", True),
        ("How do I sign the letter B?", False),
        ("What is the sign for refund?", False),
        ("How much is a shirt in Paris?", False),
        ("How much are 12 shirts?", False),
        ("Who is the prime minister?", False),
        ("", False),
        ("?!", False),
        ("how do I do it", False),
    ],
)
def test_an_answer_speaks_of_what_was_asked(question: str, is_answered: bool) -> None:
    assert is_answered_by(question, [SHOP, LETTER]) is is_answered


def test_nothing_answers_where_nothing_was_found() -> None:
    assert not is_answered_by("how do i ask for the bill", [])


def test_halves_of_an_answer_in_two_contents_are_none() -> None:
    assert not is_answered_by("Does the shirt have a thumb and an index?", [SHOP])
