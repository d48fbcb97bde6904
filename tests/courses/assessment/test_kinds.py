"""Each type of question by itself: what its author may write, what an answer looks like, what is right."""

import random
from decimal import Decimal
from typing import Any

import pytest

from courses.assessment.grading import GradedAnswer, graded, read_answers, score_of
from courses.assessment.kinds import (
    KINDS,
    OptionDraft,
    PairDraft,
    QuestionDraft,
    RightAnswer,
    ShownOption,
    check_draft,
    kind_of,
)
from courses.assessment.models import QuestionType
from courses.models import AnswerKey, Question
from e_learning.core.api.errors import ApiError, InvalidInput
from tests.factories.quizzes import every_type

RNG = random.Random(7)


def test_every_question_type_has_its_kind_and_its_example() -> None:
    assert set(KINDS) == set(QuestionType.values)
    assert {draft.question_type for draft in every_type()} == set(QuestionType.values)
    for name, kind in KINDS.items():
        assert kind.question_type == name


def answer_to(draft: QuestionDraft) -> RightAnswer:
    """Return the draft as rows that were never stored, with ids from 1 in the author's order."""
    check_draft(draft)
    question = Question(id=1, question_text=draft.question_text, question_type=draft.question_type, points=draft.points)
    question.key = AnswerKey(
        explanation=draft.explanation,
        accepted_answers=list(draft.accepted_answers),
        number=draft.number,
        tolerance=draft.tolerance,
    )
    rows = kind_of(draft.question_type).rows(draft)
    for number, row in enumerate(rows, 1):
        row.pk = number
    for row in rows:
        row.match = row.match
    return RightAnswer(question, rows)


def grade(draft: QuestionDraft, **response: Any) -> bool | None:
    """Grade a response as it would come in, through its reading."""
    return graded_answer(draft, **response).is_correct


def graded_answer(draft: QuestionDraft, **response: Any) -> GradedAnswer:
    answer = answer_to(draft)
    shown = [ShownOption(row.pk, 1, row.option_text, row.side) for row in answer.options]
    parts = kind_of(draft.question_type).parts(shown, RNG)
    layout: Any = {"questions": [{"id": 1, "type": draft.question_type, "parts": parts}]}
    [read] = read_answers(layout, [{"question_id": 1, **response}]).values()
    return graded(answer, read)


def choice(question_type: str, *right: bool) -> QuestionDraft:
    options = [OptionDraft(f"option {place}", is_right) for place, is_right in enumerate(right, 1)]
    return QuestionDraft("?", question_type, options=options)


def numeric(number: str, tolerance: str = "0") -> QuestionDraft:
    return QuestionDraft("?", "numeric", number=Decimal(number), tolerance=Decimal(tolerance))


def words(*accepted: str) -> QuestionDraft:
    return QuestionDraft("?", "fill_in_blank", accepted_answers=accepted)


PAIRS = QuestionDraft(
    "?", "matching", pairs=[PairDraft("cat", "animal"), PairDraft("dog", "animal"), PairDraft("oak", "tree")]
)
ORDER = QuestionDraft("?", "ordering", options=[OptionDraft("one"), OptionDraft("two"), OptionDraft("three")])


# --- right and wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("question_type", ["multiple_choice", "true_false"])
def test_one_choice_is_right_or_wrong(question_type: str) -> None:
    assert grade(choice(question_type, False, True), selected_option_id=2) is True
    assert grade(choice(question_type, False, True), selected_option_id=1) is False


@pytest.mark.parametrize(
    ("chosen", "is_right"),
    [([1, 3], True), ([3, 1], True), ([1], False), ([1, 2, 3], False), ([2], False), ([], False)],
)
def test_several_choices_are_right_together_or_not_at_all(chosen: list[int], is_right: bool) -> None:
    assert grade(choice("multiple_select", True, False, True), selected_option_ids=chosen) is is_right


@pytest.mark.parametrize(
    ("accepted", "text", "is_right"),
    [
        ("colour", "Colour", True),
        ("colour", "  colour ", True),
        ("colour", "color", False),
        ("New Delhi", "new   delhi", True),
        ("New Delhi", "newdelhi", False),
        ("Straße", "STRASSE", True),
        ("ﬁnal", "final", True),  # a ligature
        ("café", "cafe\u0301", True),  # an accent of its own
        ("Ａ１", "a1", True),  # full width
        ("ड़", "ड\u093c", True),  # Devanagari, both ways to write it
        ("हिन्दी", "हिंदी", False),
        ("42", "42.0", False),
        ("colour", "", False),
    ],
)
def test_words_are_compared_by_meaning_of_their_letters(accepted: str, text: str, is_right: bool) -> None:
    assert grade(words("something", accepted), text=text) is is_right


@pytest.mark.parametrize(
    ("number", "tolerance", "given", "is_right"),
    [
        ("0.3", "0", Decimal("0.30"), True),
        ("0.3", "0", Decimal("0.1") + Decimal("0.2"), True),
        ("10", "0.5", Decimal("10.5"), True),
        ("10", "0.5", Decimal("10.50000001"), False),
        ("10", "0.5", Decimal("9.5"), True),
        ("-3", "1", Decimal(-4), True),
        ("1000000000000000", "0", Decimal("1e15"), True),
        ("1", "0", Decimal("1e50"), False),
        ("0", "0", Decimal("-0"), True),
    ],
)
def test_number_is_right_within_its_tolerance(number: str, tolerance: str, given: Decimal, is_right: bool) -> None:
    assert grade(numeric(number, tolerance), number=given) is is_right


def test_pairs_are_right_when_all_are() -> None:
    animal, tree, cat, dog, oak = 1, 2, 3, 4, 5
    assert grade(PAIRS, pairs=[[oak, tree], [cat, animal], [dog, animal]]) is True
    assert grade(PAIRS, pairs=[[cat, animal], [dog, animal]]) is False
    assert grade(PAIRS, pairs=[[oak, animal], [cat, animal], [dog, tree]]) is False
    assert grade(PAIRS, pairs=[]) is False


def test_rights_of_the_same_words_are_one_to_choose() -> None:
    assert [row.option_text for row in answer_to(PAIRS).options if row.side == "right"] == ["animal", "tree"]


def test_order_is_right_when_it_is_whole_and_in_order() -> None:
    assert grade(ORDER, order=[1, 2, 3]) is True
    assert grade(ORDER, order=[2, 1, 3]) is False
    assert grade(ORDER, order=[1, 2]) is False


def test_essay_is_left_to_a_person() -> None:
    essay = QuestionDraft("?", "essay", points=5)
    answer = graded_answer(essay, text="Long thoughts.")
    assert answer.is_correct is None
    assert (int(answer.points_earned), answer.correct) == (0, None)


@pytest.mark.parametrize("draft", every_type(), ids=lambda draft: draft.question_type)
def test_unanswered_is_wrong_and_earns_nothing(draft: QuestionDraft) -> None:
    answer = graded_answer(draft)
    assert answer.points_earned == 0
    assert answer.is_correct is False


@pytest.mark.parametrize(
    "draft",
    [draft for draft in every_type() if draft.question_type not in {"fill_in_blank", "numeric", "essay"}],
    ids=lambda draft: draft.question_type,
)
def test_what_is_told_as_correct_is_graded_as_right(draft: QuestionDraft) -> None:
    correct = graded_answer(draft).correct
    assert correct is not None
    answer = graded_answer(draft, **correct)
    assert (answer.is_correct, int(answer.points_earned)) == (True, draft.points)


# --- what can't be an answer --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "response"),
    [
        (choice("multiple_choice", True, False), {"selected_option_id": 3}),
        (choice("multiple_choice", True, False), {"selected_option_ids": [1]}),
        (choice("multiple_choice", True, False), {"text": "option 1"}),
        (choice("multiple_choice", True, False), {"selected_option_id": 1, "text": "too"}),
        (choice("multiple_select", True, False), {"selected_option_ids": [1, 3]}),
        (choice("multiple_select", True, False), {"selected_option_ids": [1, 1]}),
        (words("one"), {"number": Decimal(1)}),
        (words("one"), {"text": "x" * 501}),
        (numeric("1"), {"text": "1"}),
        (PAIRS, {"pairs": [[1, 2]]}),
        (PAIRS, {"pairs": [[3, 4]]}),
        (PAIRS, {"pairs": [[3, 1], [3, 2]]}),
        (PAIRS, {"pairs": [[3]]}),
        (ORDER, {"order": [1, 1, 2]}),
        (ORDER, {"order": [4]}),
        (QuestionDraft("?", "essay"), {"order": [1]}),
    ],
)
def test_malformed_answer_is_refused_and_named(draft: QuestionDraft, response: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        grade(draft, **response)
    assert refused.value.code == "malformed_answer"
    assert refused.value.attr in {f"answers.0.{name}" for name in response}


def test_answer_to_a_question_that_was_not_asked_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_answers({"questions": []}, [{"question_id": 1}])
    assert (refused.value.code, refused.value.attr) == ("unknown_question", "answers.0.question_id")


def test_question_answered_twice_is_refused() -> None:
    layout: Any = {"questions": [{"id": 1, "type": "essay", "parts": {}}]}
    with pytest.raises(InvalidInput) as refused:
        read_answers(layout, [{"question_id": 1, "text": "a"}, {"question_id": 1, "text": "b"}])
    assert (refused.value.code, refused.value.attr) == ("answered_twice", "answers.1.question_id")


# --- what can't be a question -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "attr"),
    [
        (choice("multiple_choice", True), "options"),
        (choice("multiple_choice", True, True), "options"),
        (choice("multiple_choice", False, False), "options"),
        (choice("multiple_choice", True, *[False] * 50), "options"),
        (choice("multiple_select", False, False), "options"),
        (choice("true_false", True, False, False), "options"),
        (words(), "accepted_answers"),
        (words("right", " \u3000 "), "accepted_answers.1"),
        (QuestionDraft("?", "numeric"), "number"),
        (numeric("1", "-1"), "tolerance"),
        (numeric("1234567890123.456"), "number"),
        (numeric("0.000000001"), "number"),
        (numeric("1e16"), "number"),
        (numeric("1", "1e-9"), "tolerance"),
        (QuestionDraft("?", "multiple_choice", options=[OptionDraft("a", True), OptionDraft(" ")]), "options.1"),
        (QuestionDraft("?", "true_false", options=[OptionDraft("a" * 1001, True), OptionDraft("b")]), "options.0"),
        (words("x" * 501), "accepted_answers.0"),
        (QuestionDraft("?", "matching", pairs=[PairDraft("a", "b"), PairDraft("c", "")]), "pairs.1"),
        (QuestionDraft("?", "matching", pairs=[PairDraft("a", "b")]), "pairs"),
        (QuestionDraft("?", "matching", pairs=[PairDraft("a", "b"), PairDraft("a", "c")]), "pairs"),
        (QuestionDraft("?", "ordering", options=[OptionDraft("a")]), "options"),
        (QuestionDraft("?", "ordering", options=[OptionDraft("a"), OptionDraft("a")]), "options"),
        (QuestionDraft("?", "essay", options=[OptionDraft("a")]), "options"),
        (QuestionDraft("?", "essay", accepted_answers=["a"]), "accepted_answers"),
        (QuestionDraft("?", "fill_in_blank", accepted_answers=["a"], pairs=[PairDraft("a", "b")]), "pairs"),
        (QuestionDraft("?", "fill_in_blank", accepted_answers=["a"], number=Decimal(1)), "number"),
    ],
)
def test_question_that_could_not_be_graded_is_refused(draft: QuestionDraft, attr: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_draft(draft)
    assert refused.value.attr == attr


# --- how it is laid out -------------------------------------------------------------------------


@pytest.mark.parametrize("question_type", ["matching", "ordering"])
def test_order_shown_says_nothing_about_the_order_of_rows(question_type: str) -> None:
    [draft] = [draft for draft in every_type() if draft.question_type == question_type]
    rows = answer_to(draft).options
    shown = [ShownOption(row.pk, 1, row.option_text, row.side) for row in rows]
    for part, ids in kind_of(question_type).parts(shown, random.Random(1)).items():
        assert sorted(ids) == [row.pk for row in rows if part in {row.side, "options"}]
    layouts = {str(kind_of(question_type).parts(shown, random.Random(seed))) for seed in range(50)}
    assert len(layouts) == 50


@pytest.mark.parametrize("wished", [(None, None, None), (10, 20, 30), (5, 5, 5)])
def test_options_keep_the_order_they_are_written_in(wished: tuple[int | None, ...]) -> None:
    options = [OptionDraft(text, text == "a", order) for text, order in zip("abc", wished, strict=True)]
    rows = kind_of("multiple_choice").rows(QuestionDraft("?", "multiple_choice", options=options))
    assert [row.option_text for row in sorted(rows, key=lambda row: row.order)] == ["a", "b", "c"]
    assert len({row.order for row in rows}) == 3


def test_options_follow_the_order_their_author_gives() -> None:
    options = [OptionDraft("last", order=3), OptionDraft("first", order=1)]
    rows = kind_of("ordering").rows(QuestionDraft("?", "ordering", options=options))
    assert [row.option_text for row in sorted(rows, key=lambda row: row.order)] == ["first", "last"]


# --- the score ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earned", "total", "percent"),
    [(2, 3, "66.7"), (1, 8, "12.5"), (1, 16, "6.3"), (0, 3, "0.0"), (3, 3, "100.0"), (0, 0, "0")],
)
def test_score_is_a_percent_with_one_decimal_half_up(earned: int, total: int, percent: str) -> None:
    score = score_of(points_earned=Decimal(earned), points_total=total, passing_score=60)
    assert score.percent == Decimal(percent)


def test_score_passes_from_the_passing_score_on() -> None:
    assert score_of(points_earned=Decimal(3), points_total=5, passing_score=60).passed
    assert not score_of(points_earned=Decimal(2), points_total=5, passing_score=60).passed
    assert not score_of(points_earned=Decimal(0), points_total=0, passing_score=0).passed
