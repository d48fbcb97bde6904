"""Only what is grounded is shown, and a quote stands in its passage word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.conversations.citing import GroundedText, citations_in, quote_of
from chatbot.providers.base import Passage

WATER = Passage(1, 1, 11, 5, "Boiling water", "Water boils at a hundred degrees. It freezes at zero. Ice floats on it.")
CLOUDS = Passage(2, 2, 12, 5, "Clouds", "बादल पानी की बूंदों से बनते हैं। बारिश होती है।", start_seconds=40)
PASSAGES = [WATER, CLOUDS]


def read(*pieces: str) -> tuple[list[str], GroundedText]:
    text = GroundedText(PASSAGES)
    shown = [text.add(piece) for piece in pieces]
    return [*shown, text.end()], text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Water boils at 100 [1].", "Water boils at 100 [1]."),
        ("Water boils [1][9].", "Water boils [1]."),
        ("Water [9] boils [1, 9; 2].", "Water boils [1][2]."),
        ("It boils [1]. It sings [7].", "It boils [1]. It sings."),
        ("A list [see 1] and [x] [1]", "A list [see 1] and [x] [1]"),
        ("Nothing cited.", ""),
        ("Badly cited [3].", ""),
        ("", ""),
    ],
)
def test_marks_without_a_passage_are_taken_out(written: str, shown: str) -> None:
    assert read(written)[1].text == shown


@given(
    st.lists(
        st.sampled_from(["[", "1", "]", "[1]", "[2", ",", " ", "  ", "9", "[9]", "water", ".", "\n", "[ 1 ]"]),
        max_size=30,
    )
)
def test_the_pieces_do_not_matter(pieces: list[str]) -> None:
    shown, text = read(*pieces)
    at_once = read("".join(pieces))[1]
    assert "".join(shown) == text.text
    assert text.text == at_once.text
    assert text.is_grounded == at_once.is_grounded


def test_nothing_is_shown_before_the_first_good_mark() -> None:
    shown, _text = read("Out of", " thin air. ", "Water boils [1]", ". More ")
    assert shown == ["", "", "Out of thin air. Water boils [1]", ". More", ""]


def test_each_mark_leads_to_the_sentence_that_supports_it() -> None:
    cited = citations_in("Ice floats on water [1]. बारिश बादल से होती है [2]. It is zero there [1].", PASSAGES)
    assert [(one.number, one.content_id, one.start_seconds) for one in cited] == [(1, 11, None), (2, 12, 40)]
    assert cited[0].quote in WATER.text
    assert "Ice floats" in cited[0].quote


def test_marks_side_by_side_stand_behind_the_same_words() -> None:
    both = citations_in("Water boils at a hundred degrees [2][1].", PASSAGES)
    assert [one.quote for one in both if one.number == 1] == ["Water boils at a hundred degrees."]


@given(passage=st.text(min_size=1, max_size=900), said=st.text(max_size=200))
def test_a_quote_stands_in_its_passage(passage: str, said: str) -> None:
    assert quote_of(passage, said) in passage
