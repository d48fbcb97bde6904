"""Drafts by rule: which sentences are asked about, where the gap is, what stands beside the right word."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from chatbot.generation.cloze import cloze_questions, wrong_options
from chatbot.generation.extracts import cards, summaries
from chatbot.generation.gaps import GAP, gaps_of
from chatbot.generation.lesson import Sentence, is_whole, read
from chatbot.generation.making import Source, Wanted, Written
from chatbot.generation.standing import stands_alone
from chatbot.generation.vocabulary import Vocabulary
from chatbot.generation.writing import make

LEAVES = """\
The kitchen of the plant
A leaf is a kitchen that runs on sunlight. It takes carbon dioxide from the air and makes sugar of it. This is called \
photosynthesis.
Through tiny mouths water leaves the plant as vapour. A big neem tree of Nagpur gives off 400 litres on a summer day.
The khejri tree of the Thar sends its roots thirty metres down to the water. The banyan of Kolkata has four thousand \
roots.
"""
NEEM = (
    "नीम की टहनी से लोग दाँत साफ़ करते हैं, इसे दातुन कहते हैं। पीपल का पेड़ दीवार की दरार में भी उग जाता है। "
    "तुलसी को आँगन में रोज़ तीन घंटे धूप चाहिए। यह घर के लिए अच्छी है।"
)


def wanted(*types: str, kind: str = "questions", difficulty: str = "medium", count: int = 20) -> Wanted:
    return Wanted(kind, difficulty, count, types, topic="Plants")


def gaps(text: str) -> dict[str, str]:
    """Return the gaps of a text: the question → what belongs there."""
    reading = read(text)
    vocabulary = Vocabulary(reading.sentences, title="")
    return {gap.gapped: gap.term.text for gap in gaps_of(reading, vocabulary, "medium")}


def questions(text: str, *types: str, difficulty: str = "medium") -> list[Written]:
    reading = read(text)
    vocabulary = Vocabulary(reading.sentences, title="")
    return list(cloze_questions(reading, vocabulary, wanted(*types, difficulty=difficulty)))


def bodies(text: str, *types: str) -> list[dict[str, Any]]:
    return [made.body for made in make(Source(1, "", text, "en"), wanted(*types), bank=[], user_id=None).made]


# --- which sentences ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "It takes carbon dioxide from the air.",
        "This is what the roots of plants do.",
        "On a hot afternoon they close at once.",
        "The second tells where the home is.",
        "What does a root do for the plant?",
        "The root of a plant",
        "A root drinks.",
        "and the root of the plant drinks water.",
        "By wind: cotton seeds hang on long hairs.",
        "Bilal: The root of the plant drinks water.",
        "The picture below shows the root of the plant.",
        "A ring with a tall stick.",
        "Count the people at your table and the windows.",
        "I am looking for the root of the plant.",
        "She said “the root of the plant drinks water.",
        f"The root {'of the plant ' * 20}drinks water.",
        "यह पौधा घर के आँगन में उगाया जाता है।",
        "इसकी पत्तियाँ सर्दी में चाय में डाली जाती हैं।",
        "पौधा कहाँ उगाया जाता है और क्यों?",
    ],
)
def test_what_does_not_stand_alone_is_not_asked_about(text: str) -> None:
    language = "hi" if text[0] > "\u0900" else "en"
    assert not stands_alone(Sentence(text, (), 0, language))


@pytest.mark.parametrize(
    "text",
    [
        "A root holds the plant in the ground.",
        "Bees carry pollen on their legs.",
        "The khejri tree sends its roots down to the water.",
        "Put a layer of dry leaves at the bottom of the pot.",
        "तुलसी का पौधा घर के आँगन में उगाया जाता है।",
    ],
)
def test_a_whole_statement_is(text: str) -> None:
    language = "hi" if text[0] > "\u0900" else "en"
    assert stands_alone(Sentence(text, (), 0, language))


def test_headings_and_fragments_are_no_sentences() -> None:
    reading = read(LEAVES)
    assert "The kitchen of the plant" not in [sentence.text for sentence in reading.sentences]
    assert not is_whole("The kitchen of the plant")


# --- which gap ----------------------------------------------------------------------------------
def test_a_term_is_asked_for_where_it_is_defined_with_what_it_is_said_of() -> None:
    assert gaps(LEAVES.split("\n", 1)[1])[
        "A leaf is a kitchen that runs on sunlight. It takes carbon dioxide from the air and makes sugar of it. "
        f"This is called {GAP}."
    ] == "photosynthesis"  # fmt: skip


def test_names_numbers_and_what_a_sentence_is_about_are_asked_for() -> None:
    found = gaps(LEAVES)
    assert {"photosynthesis", "leaf", "Thar", "Kolkata"} <= set(found.values())


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("The sun warms the stone, and the moon does not warm the stone.", "stone"),
        ("A snake sheds its skins, and an old skin is of no use to a snake.", "skin"),
        ("The shop opens at twenty-nine and a half minutes past the hour.", "twenty"),
        ("The shop has two hundred rooms under the roof of the tower.", "two"),
        ("The shop opens at 5:30 and has rooms under the roof.", "5"),
        ("The meal ends with the green stuff that the cook has.", "green"),
        ("One half of the seed drinks and swells in the ground.", "drinks"),
    ],
)
def test_a_gap_that_could_not_be_filled_is_not_made(text: str, never: str) -> None:
    assert never not in gaps(text).values()


def test_two_sentences_that_differ_only_in_the_gap_give_none() -> None:
    asked = gaps("The flower in the garden of Asha is white. The flower in the garden of Bilal is white.")
    assert not any(answer in ("Asha", "Bilal") for answer in asked.values())


def test_hindi_has_gaps_before_its_postpositions_and_where_it_defines() -> None:
    found = gaps(NEEM)
    assert found[f"नीम की टहनी से लोग दाँत साफ़ करते हैं, इसे {GAP} कहते हैं।"] == "दातुन"
    assert list(found)[-1].startswith("तुलसी को आँगन में रोज़ तीन घंटे धूप चाहिए। यह घर के लिए")
    assert len(found) == 4


def test_what_stands_alone_comes_first_then_what_needs_more() -> None:
    asked = list(
        gaps(
            "It keeps the ground of the garden cool. Mulch is a layer of leaves on the ground. It feeds the worms of "
            "the soil. In spring everybody rakes very carefully there."
        )
    )
    assert [question.replace(GAP, "").split()[0] for question in asked] == ["is", "Mulch", "In"]
    assert asked[1].startswith("Mulch is a layer of leaves on the ground. It feeds the ")
    assert asked[2].count(GAP) == 1


def test_speech_without_sentences_is_asked_about_in_pieces() -> None:
    people = ("cooks", "nurses", "tailors", "drivers", "weavers", "porters", "bakers", "singers", "farmers", "masons")
    said = (
        f"so um the {who} who came by bus were {40 + at} and then they all went home" for at, who in enumerate(people)
    )
    text = " ".join(said)
    asked = gaps(text)
    assert len(asked) > 3
    for question, answer in asked.items():
        assert question.startswith("… ")
        assert question[2:-2].replace(GAP, answer) in text
        assert len(question) < 200
    assert {made.body["question_type"] for made in questions(text, "true_false", "multiple_choice")} <= {
        "multiple_choice"
    }


# --- what is made of it -------------------------------------------------------------------------
def test_a_gap_to_be_filled_takes_a_number_in_words_and_in_digits() -> None:
    [made] = questions("The khejri tree sends its long roots thirty metres down.", "fill_in_blank")
    assert made.body["question_text"] == f"The khejri tree sends its long roots {GAP} metres down."
    assert made.body["accepted_answers"] == ["thirty", "30"]


@pytest.mark.parametrize(("written", "number"), [("400", 400), ("1,200", 1200), ("2.5", 2.5), ("thirty", 30)])
def test_a_number_of_a_sentence_is_asked_for(written: str, number: float) -> None:
    [made] = questions(f"A big tree gives off {written} litres of water a day.", "numeric")
    assert (made.body["number"], made.body["tolerance"]) == (number, 0)
    assert GAP in made.body["question_text"]


def test_wrong_options_are_of_the_same_sort_from_the_same_content() -> None:
    made = questions(LEAVES, "multiple_choice")
    assert made
    for one in made:
        options = [option["option_text"] for option in one.body["options"]]
        assert 3 <= len(options) <= 4
        assert len(set(options)) == len(options)
        assert all(option in LEAVES for option in options)
        assert sum(option["is_correct"] for option in one.body["options"]) == 1


def test_wrong_options_agree_with_the_article_before_the_gap() -> None:
    text = (
        "An orchard is of use to everybody. The river runs by the village. The elephant sleeps under the roof. "
        "The island of the king is empty. The ocean carries ships to the north."
    )
    reading = read(text)
    vocabulary = Vocabulary(reading.sentences, title="")
    gap = next(gap for gap in gaps_of(reading, vocabulary, "medium") if gap.term.text == "orchard")
    wrong = wrong_options(gap, vocabulary, "medium")
    assert wrong
    assert all(option[0] in "aeiou" for option in wrong)


def test_true_or_false_exchanges_what_is_certain_and_judges_no_order() -> None:
    text = (
        "The old tower of the town has three rooms. The new tower of the village has five rooms under its roof. "
        "A spider of the desert has eight legs. Put four leaves into the pot of the cook."
    )
    made = questions(text, "true_false")
    assert made
    for one in made:
        is_true = one.body["question_text"] == one.quote
        assert [option["is_correct"] for option in one.body["options"]] == [is_true, not is_true]
    assert not any("Put four" in one.body["question_text"] for one in made)


def test_true_and_false_are_said_in_the_language_of_the_sentence() -> None:
    text = "तुलसी को आँगन में रोज़ तीन घंटे धूप चाहिए। पीपल को बाग में रोज़ सात घंटे धूप चाहिए।"
    [made, *_rest] = questions(text, "true_false")
    with translation.override("hi"):
        expected = [gettext("True"), gettext("False")]
    assert [option["option_text"] for option in made.body["options"]] == expected


def test_a_table_of_two_columns_is_matched_without_its_head() -> None:
    [body] = bodies("You hear | It means\nGo straight on. | सीधे\nTurn left. | बाएँ\nTurn right. | दाएँ", "matching")
    assert body["pairs"] == [
        {"left": "Go straight on.", "right": "सीधे"},
        {"left": "Turn left.", "right": "बाएँ"},
        {"left": "Turn right.", "right": "दाएँ"},
    ]


def test_a_list_of_terms_is_matched_and_a_dialogue_is_not() -> None:
    [body] = bodies("Six: the little finger.\nSeven: the ring finger.\nEight: the middle finger.", "matching")
    assert [pair["left"] for pair in body["pairs"]] == ["Six", "Seven", "Eight"]
    assert not bodies("Asha: Good morning.\nBilal: Good morning, Asha.\nAsha: Sit down.", "matching")
    assert not bodies("Asha: Who is it?\nBilal: A friend.\nChitra: Come in.", "matching")


def test_numbered_steps_are_put_in_order() -> None:
    text = "How to make compost\n1. Put leaves into the pot.\n2. Add the peels.\n3. Turn it once a week."
    [body] = bodies(text, "ordering")
    assert [option["option_text"] for option in body["options"]] == [
        "Put leaves into the pot.", "Add the peels.", "Turn it once a week.",
    ]  # fmt: skip
    assert "How to make compost" in body["question_text"]
    assert not bodies("1. Put leaves into the pot.\n3. Turn it once a week.\n7. Add the peels.", "ordering")


def test_the_same_content_gives_the_same_drafts_and_a_sentence_is_asked_about_once() -> None:
    assert bodies(LEAVES) == bodies(LEAVES)
    quotes = [made.quote for made in questions(LEAVES)]
    assert len(set(quotes)) == len(quotes)


def test_easy_asks_for_what_is_said_often_and_hard_for_what_is_said_once() -> None:
    text = "The root of the carrot grows in the soil. A root drinks from the soil. The soil holds the root."
    answers = {difficulty: _first_answer(text, difficulty) for difficulty in ("easy", "hard")}
    assert answers["easy"] in ("soil", "root")
    assert answers["hard"] == "carrot"


def _first_answer(text: str, difficulty: str) -> str:
    [made, *_rest] = questions(text, "fill_in_blank", difficulty=difficulty)
    return str(made.body["accepted_answers"][0])


# --- summaries and cards ------------------------------------------------------------------------
def test_a_summary_is_sentences_of_the_content_in_their_order() -> None:
    [made] = summaries(read(LEAVES), title="Leaves")
    said = [sentence.text for sentence in read(LEAVES).sentences if sentence.text in made.body["text"]]
    assert " ".join(said) == made.body["text"]
    assert made.quote in said
    assert not any(sentence.startswith(("It ", "This ")) for sentence in said)


def test_what_is_hardly_longer_than_a_summary_has_none() -> None:
    assert list(summaries(read("A root holds the plant in the ground."), title="")) == []


def test_cards_are_what_is_defined_then_rows_then_gaps() -> None:
    text = f"{LEAVES}Word | Meaning\nxylem | brings water up\nphloem | takes sugar down\nstoma | a tiny mouth"
    reading = read(text)
    made = list(cards(reading, Vocabulary(reading.sentences, title=""), wanted(kind="flashcards")))
    fronts: Sequence[str] = [one.body["front"] for one in made]
    assert fronts[:2] == ["leaf", "photosynthesis"]
    assert ("xylem", "xylem | brings water up") in [(one.body["front"], one.quote) for one in made]
    assert GAP in fronts[-1]


def test_numbers_keep_their_decimals() -> None:
    [made] = questions("A big tree gives off 2.5 litres of water a day.", "numeric")
    assert Decimal(str(made.body["number"])) == Decimal("2.5")
