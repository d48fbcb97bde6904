"""What a model may answer with, and the questions that it becomes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from chatbot.generation.making import Wanted
from chatbot.generation.shapes import QUESTION_TYPES, drafts_in, shape_for
from courses.api import QuestionChangesSerializer, check_question

QUESTIONS: list[dict[str, Any]] = [
    {"question_type": "multiple_choice", "options": [{"option_text": "a", "is_correct": True},
                                                     {"option_text": "b", "is_correct": False}]},
    {"question_type": "multiple_select", "options": [{"option_text": "a", "is_correct": True},
                                                     {"option_text": "b", "is_correct": True}]},
    {"question_type": "true_false", "is_true": False},
    {"question_type": "fill_in_blank", "accepted_answers": ["a", "b"]},
    {"question_type": "numeric", "number": 2.5, "tolerance": 0.1},
    {"question_type": "matching", "pairs": [{"left": "a", "right": "1"}, {"left": "b", "right": "2"}]},
    {"question_type": "ordering", "in_right_order": ["a", "b", "c"]},
]  # fmt: skip


def wanted(*types: str, kind: str = "questions") -> Wanted:
    return Wanted(kind, "hard", 5, types, topic="Letters")


def read(answer: Any, asked: Wanted) -> list[dict[str, Any]]:
    answer = shape_for(asked).model_validate_json(json.dumps(answer))
    return [written.body for written in drafts_in(answer, asked)]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["question_type"])
def test_each_type_becomes_a_question_that_an_author_could_have_written(question: dict[str, Any]) -> None:
    said = {"question_text": " What is it? ", "explanation": "So it is.", "quote": "It is a.", **question}
    [body] = read({"questions": [said]}, wanted())
    form = QuestionChangesSerializer(data=body)
    form.is_valid(raise_exception=True)
    check_question(form.validated_data)
    assert set(body) <= set(form.fields)
    assert body["question_text"] == "What is it?"
    assert (body["difficulty"], body["topic"], body["points"]) == ("hard", "Letters", 1)


def test_every_type_that_needs_no_person_has_a_shape() -> None:
    assert {question["question_type"] for question in QUESTIONS} == set(QUESTION_TYPES)
    assert "essay" not in QUESTION_TYPES


def test_true_or_false_gets_its_options_here() -> None:
    said = {"question_type": "true_false", "question_text": "It is a.", "is_true": False, "quote": "It is b."}
    [body] = read({"questions": [said]}, wanted("true_false"))
    assert body["options"] == [
        {"option_text": "True", "is_correct": False},
        {"option_text": "False", "is_correct": True},
    ]


def test_summaries_and_cards_have_shapes_of_their_own() -> None:
    assert read({"text": "In short.", "quote": "In long."}, wanted(kind="summary")) == [{"text": "In short."}]
    card = {"front": "a", "back": "the first letter", "quote": "a is the first"}
    assert read({"cards": [card]}, wanted(kind="flashcards")) == [{"front": "a", "back": "the first letter"}]


@pytest.mark.parametrize(
    "answer",
    [
        {"questions": [{"question_type": "numeric", "question_text": "?", "quote": "q", "number": 1}]},
        {"questions": [{"question_type": "essay", "question_text": "?", "quote": "q"}]},
        {"questions": [{"question_type": "fill_in_blank", "question_text": "?", "quote": "q", "accepted_answers": []}]},
        {"questions": [{"question_type": "fill_in_blank", "question_text": "?", "accepted_answers": ["a"]}]},
        {"questions": [{"question_type": "true_false", "question_text": "", "quote": "q", "is_true": True}]},
        {"questions": "none"},
        {"cards": []},
        [],
    ],
)  # fmt: skip
def test_what_was_not_asked_for_has_no_shape(answer: Any) -> None:
    with pytest.raises(ValidationError):
        read(answer, wanted("fill_in_blank", "true_false"))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_is_a_number(number: str) -> None:
    said = '{"questions": [{"question_type": "numeric", "question_text": "?", "quote": "q", "number": 1}]}'
    shape = shape_for(wanted("numeric"))
    assert shape.model_validate_json(said)
    with pytest.raises(ValidationError):
        shape.model_validate_json(said.replace("1}", f"{number}}}"))
