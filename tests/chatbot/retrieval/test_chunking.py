"""Texts cut into pieces."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot.retrieval.chunking import (
    LEAST_CHARACTERS,
    MOST_CHARACTERS,
    MOST_SECONDS,
    heading_of,
    parts_of,
    pieces_of,
)
from courses.api import ContentWords, Spoken

sentences = st.lists(st.text("abcdefgh ABC,;12", min_size=1, max_size=120), max_size=30).map(". ".join)
hindi = st.lists(st.text("अआइकखगमनर ािी", min_size=1, max_size=120), max_size=30).map("। ".join)
texts = st.lists(sentences | hindi | st.text(max_size=2_000), max_size=15).map("\n".join)


def without_space(text: str) -> str:
    return "".join(text.split())


def words(text: str = "", document: str = "", subtitles: dict[str, list[Spoken]] | None = None) -> ContentWords:
    return ContentWords(1, 1, "Alphabet in Signs", "Vowels", "", "A", "en", text, document, subtitles or {})


@given(texts)
@example("x" * 5_000)
@example("Dr. A. P. J. Abdul Kalam was born in 1931. " * 60)
def test_nothing_is_lost_and_the_order_stays(text: str) -> None:
    parts = parts_of(text)

    assert without_space("".join(parts)) == without_space(text)
    assert all(part.strip() and len(part) <= MOST_CHARACTERS for part in parts)


@pytest.mark.parametrize("end", [". ", "? ", "! ", "। ", "॥ ", "。", ".” "])
def test_a_part_ends_with_a_sentence(end: str) -> None:
    text = "".join(f"Sentence {number} of a long paragraph about vowels{end}" for number in range(100)).strip()

    parts = parts_of(text)
    assert len(parts) > 2
    assert all(part.endswith(end.strip()) for part in parts)
    assert all(len(part) >= LEAST_CHARACTERS for part in parts[:-1])


def test_an_initial_and_a_short_form_end_no_sentence() -> None:
    told = "He was helped by A. P. J. Abdul Kalam, i.e. by the president. "

    for part in parts_of((told * 40).strip()):
        assert part.startswith("He was")
        assert part.endswith("president.")


def test_a_title_stays_with_what_follows() -> None:
    paragraph = "A sentence about something that is worth a few words of its own. " * 8
    parts = parts_of(f"First things\n{paragraph}\nSecond things\n{paragraph}\nThird things\n{paragraph}")

    assert [part.split("\n")[0] for part in parts] == ["First things", "Second things", "Third things"]


def test_a_short_end_joins_what_is_before_it() -> None:
    paragraph = "A sentence about something that is worth a few words of its own. " * 8

    assert len(parts_of(f"{paragraph}\nThe end.")) == 1


@given(st.lists(st.tuples(st.floats(0.5, 20), st.floats(0, 5), st.text("abc. ", min_size=1, max_size=90)), max_size=60))
def test_subtitles_in_half_minutes(cues: list[tuple[float, float, str]]) -> None:
    spoken, now = [], 0.0
    for seconds, pause, text in cues:
        spoken.append(Spoken(now + pause, now + pause + seconds, text))
        now += pause + seconds

    pieces = pieces_of(words(subtitles={"hi": spoken}))
    assert without_space("".join(piece.text for piece in pieces)) == without_space("".join(cue.text for cue in spoken))
    for piece in pieces:
        assert (piece.source, piece.language) == ("subtitles", "hi")
        assert piece.start_seconds is not None
        assert piece.end_seconds is not None
        assert 0 <= piece.end_seconds - piece.start_seconds <= MOST_SECONDS + 2


def test_a_piece_of_subtitles_ends_with_a_sentence() -> None:
    spoken = [Spoken(at, at + 5, "and on" if at % 2 else "It ends.") for at in range(0, 200, 5)]

    pieces = pieces_of(words(subtitles={"en": spoken}))
    assert [(piece.start_seconds, piece.end_seconds) for piece in pieces[:2]] == [(0, 35), (35, 65)]
    assert all(piece.text.endswith(".") for piece in pieces[:-1])


def test_where_each_piece_is_from() -> None:
    pieces = pieces_of(words("Vowels are open.", "Consonants close.", {"hi": [Spoken(1.5, 3.2, "स्वर")]}))

    assert [(piece.source, piece.language, piece.start_seconds, piece.end_seconds) for piece in pieces] == [
        ("text", "en", None, None),
        ("document", "en", None, None),
        ("subtitles", "hi", 1, 4),
    ]
    assert heading_of(words()) == "Alphabet in Signs › Vowels"
