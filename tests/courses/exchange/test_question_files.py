"""Files of questions that others wrote, and what independent parsers found in them. Skipped where not at hand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from courses.exchange.questions import read_questions
from courses.exchange.questions.structure import QuestionFile

DATA = Path(__file__).resolve().parents[4] / "shared/data"
#: The kinds of gift-pegjs in the words of Moodle XML, which are ours.
KINDS = {
    "MC": "multichoice",
    "TF": "truefalse",
    "Short": "shortanswer",
    "Numerical": "numerical",
    "Matching": "matching",
    "Essay": "essay",
    "Description": "description",
    "Category": "category",
}
HALVES = "is worth"
NOT_ASKED = "a category is no question|a description asks for no answer"
#: What of these files doesn't come along, by file: how many of which kind, and why. Where a file isn't named, all does,
#: but for categories and descriptions, which ask nothing.
DIFFERENT = {
    "gift-grammar/numerical1.gift": {("numerical", HALVES): 1},
    "gift-grammar/totara_moodle_shortanswer_general_feedback.gift": {("shortanswer", HALVES): 1},
    "moodle-qformats/gift/examples.txt": {
        ("numerical", HALVES): 2,
        ("multichoice", HALVES): 3,
        ("shortanswer", HALVES): 2,
    },
    "moodle-qformats/xml/tests/fixtures/broken_cloze_questions.xml": {("cloze", "several gaps"): 5},
    "moodle-qformats/xml/tests/fixtures/multianswer.xml": {("cloze", "several gaps"): 1},
    "moodle-qtypes-xml/ddwtos/tests/fixtures/testquestion.moodle.xml": {("gapselect", "several gaps"): 1},
    "moodle-qtypes-xml/ddimageortext/tests/fixtures/testquestion.moodle.xml": {("ddimageortext", "in a picture"): 1},
}


def expected() -> list[tuple[str, dict[str, int]]]:
    """Return the counts by file, empty where the folder is missing."""
    path = DATA / "expected.json"
    if not path.is_file():
        return []
    known: dict[str, Any] = json.loads(path.read_text("utf-8"))
    gift = {
        name: {KINDS[kind]: count for kind, count in one["types"].items()} for name, one in known["gift_pegjs"].items()
    }
    xml = {name: one["types"] for name, one in known["moodle_xml"].items()}
    aiken = {name: {"multichoice": one["well_formed"]} for name, one in known["aiken"].items()}
    return [*gift.items(), *xml.items(), *aiken.items()]


def read(name: str) -> QuestionFile:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the files of questions are not at {DATA}")
    return read_questions(path.read_bytes())


def test_the_files_are_at_hand() -> None:
    if not DATA.is_dir():
        pytest.skip(f"the files of questions are not at {DATA}")
    assert len(expected()) == 39


@pytest.mark.parametrize(("name", "counts"), expected())
def test_what_independent_parsers_found_is_read_and_accounted_for(name: str, counts: dict[str, int]) -> None:
    file = read(name)
    assert dict(file.read) == counts
    assert Counter(found.kind for found in file.found) + Counter(left.kind for left in file.left_out) == counts


@pytest.mark.parametrize("name", [name for name, _counts in expected()])
def test_what_does_not_come_along_is_what_could_not_be_graded(name: str) -> None:
    asking = [left for left in read(name).left_out if left.kind not in {"category", "description"}]
    reasons = DIFFERENT.get(name, {})
    found = Counter(
        next((said for said in reasons if said[0] == left.kind and said[1] in left.reason), (left.kind, left.reason))
        for left in asking
    )
    assert found == reasons


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", [name for name, _counts in expected() if name.startswith("gift-grammar/")])
def test_texts_and_answers_of_gift_are_those_that_the_other_parser_read(name: str) -> None:
    """By their words and what is right; the other parser keeps markup and other line breaks."""
    theirs = json.loads((DATA / name).with_suffix(".json").read_text("utf-8"))
    asking = [one for one in theirs if one["type"] not in {"Category", "Description"}]
    file = read(name)
    if DIFFERENT.get(name):
        pytest.skip("not all of it comes along")
    for found, one in zip(file.found, asking, strict=True):
        draft = found.built.draft
        if one["stem"]["format"] == "moodle":
            assert squeezed(draft.question_text) == squeezed(one["stem"]["text"])
        if one["title"]:
            assert found.id == one["title"]
        if one["type"] == "MC" and one["choices"][0]["text"]["format"] == "moodle":
            assert [(option.option_text, option.is_correct) for option in draft.options] == [
                (choice["text"]["text"], (choice["weight"] or 100 * choice["isCorrect"]) > 0)
                for choice in one["choices"]
            ]
        if one["type"] == "TF":
            assert draft.options[0].is_correct is one["isTrue"]
        if one["type"] == "Matching":
            assert [pair.right for pair in draft.pairs] == [
                pair["subanswer"] for pair in one["matchPairs"] if pair["subquestion"]["text"]
            ]
