"""What is written reads back to the same; and where a format has no place for something, the report says so."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.assessment.kinds import OptionDraft, PairDraft, QuestionDraft
from courses.assessment.models import Question, QuestionType
from courses.exchange.questions import WRITTEN_FORMATS, read_questions, write_questions
from courses.exchange.questions.writer import told_apart
from courses.exchange.questions.writing.gift import GIFT_TYPES
from courses.exchange.questions.writing.moodle_xml import MOODLE_TYPES
from tests.factories.quizzes import every_type

#: Everything that means something to one of the formats, among letters of several scripts.
AWKWARD = "\\:#={}~%*[]/->$&<>;|\"'\n\t_. 0123TFabnपहéß🙂\u2028"
PIECES = st.sampled_from(
    ["->", "//", "::", "####", "[html]", "[plain]", "%50%", "\\n", "\\=", "<b>", "&lt;", "$CATEGORY:", "]]>", "..", "*"]
)
#: A busy machine may be slow to make up drafts; that is no finding.
UNHURRIED = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def texts(longest: int = 40) -> st.SearchStrategy[str]:
    """Texts as authors may store them: neither blank nor with blank ends."""
    words = st.text(st.sampled_from(AWKWARD), max_size=12) | PIECES
    return (
        st.lists(words, min_size=1, max_size=5).map(lambda parts: "".join(parts).strip()[:longest].strip()).filter(bool)
    )


def distinct(strategy: st.SearchStrategy[str], least: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(strategy, min_size=least, max_size=6, unique=True)


@st.composite
def drafts(draw: st.DrawFn, question_type: str) -> QuestionDraft:
    common = QuestionDraft(
        question_text=draw(texts(120)),
        question_type=question_type,
        points=draw(st.integers(1, 1000)),
        difficulty=draw(st.sampled_from(Question.Difficulty.values)),
        topic=draw(st.just("") | texts().filter(lambda text: "\n" not in text and not text.endswith("\\"))),
        explanation=draw(st.just("") | texts(120)),
    )
    if question_type in {"multiple_choice", "multiple_select"}:
        said = draw(distinct(texts()))
        least_right = draw(st.integers(0, len(said) - 1))
        many = question_type == "multiple_select"
        right = draw(st.sets(st.integers(0, len(said) - 1))) | {least_right} if many else {least_right}
        return replace(common, options=[OptionDraft(text, place in right) for place, text in enumerate(said)])
    if question_type == "true_false":
        words = draw(
            st.just(["True", "False"]) | st.just(["False", "True"]) | st.lists(texts(), min_size=2, max_size=2)
        )
        first = draw(st.booleans())
        return replace(common, options=[OptionDraft(words[0], first), OptionDraft(words[1], not first)])
    if question_type == "fill_in_blank":
        return replace(common, accepted_answers=draw(distinct(texts(), least=1)))
    if question_type == "numeric":
        number = st.decimals(-(10**6), 10**6, places=8) | st.decimals(-(10**14), 10**14, places=0)
        tolerance = st.decimals(0, 1000, places=8)
        return replace(common, number=draw(number), tolerance=draw(tolerance))
    if question_type == "matching":
        pairs = [PairDraft(left, draw(texts())) for left in draw(distinct(texts()))]
        return replace(common, pairs=pairs)
    if question_type == "ordering":
        return replace(common, options=[OptionDraft(text) for text in draw(distinct(texts()))])
    return common


def test_every_type_of_question_has_a_place_in_moodle_xml() -> None:
    assert set(QuestionType.values) == MOODLE_TYPES


def test_every_type_but_ordering_has_a_place_in_gift() -> None:
    assert set(QuestionType.values) - GIFT_TYPES == {QuestionType.ORDERING}


@pytest.mark.parametrize("question_type", QuestionType.values)
@UNHURRIED
@given(data=st.data())
def test_moodle_xml_reads_back_to_the_same(question_type: str, data: st.DataObject) -> None:
    written = data.draw(st.lists(drafts(question_type), min_size=1, max_size=3))
    file = write_questions(written, "moodle-xml")
    assert (file.left_out, file.changed) == ((), ())
    again = read_questions(file.text.encode())
    assert again.left_out == ()
    assert [told_apart(found.built.draft) for found in again.found] == [told_apart(draft) for draft in written]


@pytest.mark.parametrize("question_type", sorted(GIFT_TYPES))
@UNHURRIED
@given(data=st.data())
def test_gift_reads_back_to_the_same(question_type: str, data: st.DataObject) -> None:
    draft = data.draw(drafts(question_type))
    arrows = any("->" in said for said in [*draft.accepted_answers, *(pair.left for pair in draft.pairs)])
    file = write_questions([draft], "gift")
    if file.left_out or file.changed:
        assert arrows, "the arrow is the only thing that GIFT can't escape"
        return
    again = read_questions(file.text.encode())
    assert (again.format, again.left_out) == ("gift", ())
    assert [told_apart(found.built.draft) for found in again.found] == [told_apart(draft)]
    assert again.found[0].built.said == {"points", "difficulty", *(["topic"] if draft.topic else [])}


@UNHURRIED
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(str.strip).filter(bool))
def test_any_text_comes_back_or_is_named(text: str) -> None:
    draft = QuestionDraft(text, "true_false", options=[OptionDraft("True", True), OptionDraft("False")])
    for file_format in WRITTEN_FORMATS:
        file = write_questions([draft], file_format)
        if not (file.left_out or file.changed):
            [found] = read_questions(file.text.encode(), file_format=file_format).found
            assert found.built.draft.question_text == text


def test_an_order_is_named_as_what_gift_has_no_place_for() -> None:
    file = write_questions(every_type(), "gift")
    assert [(left.kind, left.id, left.reason) for left in file.left_out] == [
        ("ordering", "Order them", "GIFT has no questions of this type")
    ]
    assert file.changed == ()


def test_an_arrow_in_the_left_of_a_pair_comes_back_from_gift() -> None:
    draft = QuestionDraft("Pair", "matching", pairs=[PairDraft("a -> b & c", "x -> y"), PairDraft("<b>", "z")])
    file = write_questions([draft], "gift")
    assert (file.left_out, file.changed) == ((), ())


def test_an_arrow_in_an_accepted_answer_is_left_out_of_gift() -> None:
    file = write_questions([QuestionDraft("How?", "fill_in_blank", accepted_answers=["a->b"])], "gift")
    assert "arrow" in file.left_out[0].reason


@pytest.mark.parametrize("file_format", WRITTEN_FORMATS)
def test_what_does_not_come_back_is_named_with_its_field(file_format: str) -> None:
    draft = QuestionDraft("What?", "numeric", number=Decimal(1), explanation="a bell: \x07", external_id="file:x")
    file = write_questions([draft], file_format)
    assert [(change.id, change.reason) for change in file.changed] == [
        ("file:x", "it reads back with another explanation")
    ]


@pytest.mark.parametrize("file_format", WRITTEN_FORMATS)
@pytest.mark.parametrize("external_id", ["file:393", "file:a]b", "problem/p1#2", "file:अ"])
def test_ids_come_back(file_format: str, external_id: str) -> None:
    draft = QuestionDraft("What?", "essay", external_id=external_id)
    file = write_questions([draft], file_format)
    assert file.changed == ()
    [found] = read_questions(file.text.encode()).found
    assert found.built.draft.external_id == f"file:{external_id.removeprefix('file:')}"


@pytest.mark.parametrize("count", [1, 3, 6, 7, 11, 13, 49, 50])
@pytest.mark.parametrize("file_format", WRITTEN_FORMATS)
def test_shares_of_any_number_of_right_choices_add_up(file_format: str, count: int) -> None:
    options = [OptionDraft(f"option {place}", place < count) for place in range(max(count, 2))]
    file = write_questions([QuestionDraft("Which?", "multiple_select", options=options)], file_format)
    assert (file.left_out, file.changed) == ((), ())
