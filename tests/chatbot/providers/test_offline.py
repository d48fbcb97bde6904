"""Answers without a model: quoted word for word, and nothing else said."""

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chatbot.providers.base import Passage, Piece, Prompt, ProviderFailed, Usage
from chatbot.providers.offline import OfflineProvider, language_of

GREETINGS = Passage(
    1, 11, 21, 31, "A greeting for every hour",
    "When | You say\nuntil noon | Good morning.\n"
    "Take care with the last one. Good night never begins a conversation: it is a farewell.\n"
    "With friends, Hi or Hello is enough at any hour.",
)  # fmt: skip
TREES = Passage(2, 12, 22, 31, "Trees", "How old is it\nA tree adds a ring of wood each year. Birds like trees.")
HINDI = Passage(3, 13, 23, 31, "तुलसी", "तुलसी को रोज़ धूप चाहिए। नीम की टहनी को दातुन कहते हैं।")


def _said(question: str, *passages: Passage) -> str:
    pieces = OfflineProvider().stream(Prompt(turns=(), question=question, passages=passages))
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece))


def _quotes(answer: str) -> list[tuple[str, int]]:
    return [(quote, int(number)) for quote, number in re.findall(r"“(.+?)” \[(\d+)\](?=\n\n|\Z)", answer, re.DOTALL)]


@pytest.mark.parametrize(
    ("question", "quote", "number"),
    [
        ("can I begin a talk with good night?", "Good night never begins a conversation: it is a farewell.", 1),
        ("what do I say to friends", "With friends, Hi or Hello is enough at any hour.", 1),
        ("until when do I say good morning?", "until noon | Good morning.", 1),
        ("how old is a tree?", "A tree adds a ring of wood each year.", 2),
        ("दातुन किसे कहते हैं?", "नीम की टहनी को दातुन कहते हैं।", 3),
    ],
)
def test_the_sentence_that_answers_is_quoted_first(question: str, quote: str, number: int) -> None:
    assert _quotes(_said(question, GREETINGS, TREES, HINDI))[0] == (quote, number)


def test_it_says_what_it_is_in_the_language_of_the_question() -> None:
    with translation.override("hi"):
        assert _said("What do I say to friends?", GREETINGS).startswith("I am not writing this myself")
    assert language_of("मित्रों से क्या कहें?") == "hi"
    assert language_of("good night कब बोलते हैं?") == "hi"
    assert language_of("What does नमस्ते mean?") == language_of("?") == "en"


def test_it_comes_in_pieces_and_uses_nothing() -> None:
    *pieces, usage = OfflineProvider().stream(Prompt(turns=(), question="friends hello hour", passages=[GREETINGS]))
    assert len(pieces) >= 2
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert usage == Usage(prompt_tokens=0, completion_tokens=0, model="extract")


class _Shape(BaseModel):
    word: str


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(turns=(), question="friends?"),
        Prompt(turns=(), question="friends?", passages=[Passage(1, 1, 1, 1, "Empty", " \n… !")]),
        Prompt(turns=(), question="friends?", passages=[GREETINGS], schema=_Shape),
    ],
)
def test_it_refuses_what_it_cannot_quote(prompt: Prompt) -> None:
    with pytest.raises(ProviderFailed) as refused:
        list(OfflineProvider().stream(prompt))
    assert refused.value.outcome == "refused"
    assert not refused.value.began


_TEXTS = st.text(st.sampled_from("abc def.!?।|:\n“”[]1 नमक\t…")) | st.text(max_size=300)


@given(question=_TEXTS, texts=st.lists(_TEXTS, max_size=4))
def test_whatever_is_quoted_stands_in_the_passage_it_names(question: str, texts: list[str]) -> None:
    passages = [Passage(number, number, number, 1, "Title", text) for number, text in enumerate(texts, start=1)]
    try:
        said = list(OfflineProvider().stream(Prompt(turns=(), question=question, passages=passages)))
    except ProviderFailed:
        return
    opening, *quotes, _usage = said
    assert isinstance(opening, Piece)
    assert 1 <= len(quotes) <= 3
    for quoted in quotes:
        assert isinstance(quoted, Piece)
        quote, number = re.fullmatch(r"\n\n“(.*)” \[(\d+)\]", quoted.text, re.DOTALL).groups()  # type: ignore[union-attr]
        assert quote.strip()
        assert quote in passages[int(number) - 1].text
