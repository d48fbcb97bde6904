"""What an attempt asks is known again, told otherwise too; and nothing else is taken for it."""

import pytest

from chatbot.conversations.open_questions import asks_one_of

ASKED = [
    "Which vowel stands in the middle of the word ‘bread’?",
    "Name the planet nearest to the sun.",
    "What boils at a hundred degrees?",
    "भारत की राजधानी क्या है?",
]


@pytest.mark.parametrize(
    "said",
    [
        ASKED[0],
        "which VOWEL is in the middle of bread",
        "In the word bread, what's the middle vowel please?",
        "the planet that is nearest the sun is called?",
        "my quiz asks: name the planet nearest to the sun. what do i pick",
        "what is it that boils at hundred degree",
        "भारत की राजधानी बताओ",
    ],
)
def test_a_question_of_the_attempt_is_known(said: str) -> None:
    assert asks_one_of(ASKED, said=said)


@pytest.mark.parametrize(
    "said", ["What is a vowel?", "How far is the moon?", "Thank you!", "How do I spell bread?", "भारत में कितने राज्य हैं?"]
)
def test_another_question_is_not(said: str) -> None:
    assert not asks_one_of(ASKED, said=said)


def test_it_is_known_over_two_messages() -> None:
    halves = ["I have a question about the planet", "which one is nearest to the sun?"]
    assert asks_one_of(ASKED, said=halves[1], before=halves[:1])
    assert not asks_one_of(ASKED, said="thank you", before=halves)


def test_without_an_attempt_everything_may_be_asked() -> None:
    assert not asks_one_of([], said=ASKED[0])
