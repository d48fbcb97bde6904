"""What each format means, rule by rule, in questions that the tests write themselves."""

from decimal import Decimal
from typing import Any

import pytest

from courses.assessment.kinds import QuestionDraft
from courses.exchange.questions import read_questions
from courses.exchange.questions.structure import QuestionFile


def read(text: str, file_format: str = "gift") -> QuestionFile:
    return read_questions(text.encode(), file_format=file_format)


def one(text: str, file_format: str = "gift") -> QuestionDraft:
    file = read(text, file_format)
    assert file.left_out == ()
    [found] = file.found
    return found.built.draft


def refused(text: str, file_format: str = "gift") -> str:
    file = read(text, file_format)
    assert file.found == ()
    [left] = file.left_out
    return left.reason


def options(draft: QuestionDraft) -> list[tuple[str, bool]]:
    return [(option.option_text, option.is_correct) for option in draft.options]


def xml(kind: str, inside: str = "", *, text: str = "What?", text_format: str = "html") -> str:
    return (
        f'<quiz><question type="{kind}"><name><text>The name</text></name><questiontext format="{text_format}">'
        f"<text><![CDATA[{text}]]></text></questiontext>{inside}</question></quiz>"
    )


def answers(*pairs: tuple[object, str]) -> str:
    return "".join(
        f'<answer fraction="{percent}"><text>{text}</text><feedback format="html"><text></text></feedback></answer>'
        for percent, text in pairs
    )


# --- GIFT ---------------------------------------------------------------------------------------


def test_escapes_are_taken_off_and_a_lone_backslash_stays() -> None:
    draft = one(r"::a\:b::\{x\} \~ \= \# \\n \q line\nnext?{=\=\\\~\# ~\}}")
    assert draft.question_text == "{x} ~ = # \\n \\q line\nnext?"
    assert options(draft) == [("=\\~#", True), ("}", False)]


def test_a_word_is_missing_where_text_follows_the_answers() -> None:
    assert one("The {~second =fourth} Thursday.").question_text == "The _____ Thursday."


def test_a_blank_line_ends_a_question_and_a_comment_does_not() -> None:
    file = read("// one\nOne?\n// in between\n{T}\n   \nTwo?{F}\n//last")
    assert [found.built.draft.question_text for found in file.found] == ["One?", "Two?"]


@pytest.mark.parametrize(("verdict", "is_true"), [("T", True), ("TRUE", True), ("F", False), ("FALSE", False)])
def test_true_and_false_with_what_is_said_to_the_wrong_and_the_right(verdict: str, is_true: bool) -> None:
    draft = one(f"Is it?{{{verdict}#wrong one#right one####general}}")
    assert options(draft) == [("True", is_true), ("False", not is_true)]
    assert draft.explanation == f"general\n\n{not is_true}: wrong one\n\n{is_true}: right one"


@pytest.mark.parametrize(
    ("answer", "number", "tolerance"),
    [
        ("#4", "4", "0"),
        ("#-4.5", "-4.5", "0"),
        ("#3.141..3.142", "3.1415", "0.0005"),
        ("#-3..-5", "-4", "1"),
        ("#4:0.5", "4", "0.5"),
        ("#1e3", "1000", "0"),
        ("#=%100%9:0#yes =%0%5:0#no =%0%23:0", "9", "0"),
        ("#=1..2 =2..4", "2.5", "1.5"),
        ("#4 ~#wrong, all of it", "4", "0"),
        ("#=4 =%0%*#no", "4", "0"),
    ],
)
def test_numbers(answer: str, number: str, tolerance: str) -> None:
    draft = one(f"How much?{{{answer}}}")
    assert (draft.question_type, draft.number, draft.tolerance) == ("numeric", Decimal(number), Decimal(tolerance))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("#=1 =3", "more than one number is right"),
        ("#=2:1 =%0%3:1", "both right and wrong"),
        ("#=%50%2:1 =2", "worth 50 %"),
        ("#four", "'?four'? is not a number"),
        ("#1_000", "is not a number"),
        ("#١", "is not a number"),
        ("#nan", "is not a number"),
        ("#1e99", "too large"),
        ("#0.0000000001", "more digits than can be kept"),
        ("#", "no answer is right"),
    ],
)
def test_numbers_that_cannot_be_graded(answer: str, reason: str) -> None:
    said = refused(f"How much?{{{answer}}}")
    assert any(part in said for part in reason.split("?")), said


def test_several_right_choices_share_the_points() -> None:
    draft = one("Which?{~%33.33333%a ~%33.33333%b ~%-100%no ~%33.33333%c ~neither}")
    assert draft.question_type == "multiple_select"
    assert options(draft) == [("a", True), ("b", True), ("no", False), ("c", True), ("neither", False)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("=a =b ~c", "more than one choice is right"),
        ("~a ~b", "no choice is right"),
        ("~%50%a =b", "worth 50 %"),
        ("~%50%a ~%25%b ~c", "worth 75 %, not 100"),
        ("~%50%a ~%50%b ~%50%c", "worth 150 %, not 100"),
        ("=a", "no answer|fill"),
        ("~=a", "2 to 50|blank"),
        ("a ~b =c", "before its first answer"),
        ("=%50%a =b", "worth 50 %"),
        ("=col*r", "matched by a pattern"),
        ("=a -> 1 =b", "without an arrow"),
        ("=a -> 1", "2 to 50"),
    ],
)
def test_answers_that_cannot_be_graded(answer: str, reason: str) -> None:
    if answer == "=a":
        assert one("What?{=a}").accepted_answers == ["a"]
        return
    said = refused(f"What?{{{answer}}}")
    assert any(part in said for part in reason.split("|")), said


def test_a_star_that_is_escaped_is_a_star() -> None:
    assert one("What?{=\\* =a\\*b}").accepted_answers == ["*", "a*b"]


@pytest.mark.parametrize("text", ["What?{=a", "What?=a}", "Wh}at?{=a"])
def test_braces_that_do_not_match_leave_the_question_out(text: str) -> None:
    file = read(f"{text}\n\nNext?{{T}}")
    assert (len(file.found), file.left_out[0].kind) == (1, "unreadable")
    assert "braces" in file.left_out[0].reason


def test_a_second_place_for_answers_would_show_the_answers() -> None:
    assert "more than one place" in refused("One {=a ~b} and two {=c ~d}.")


def test_a_category_is_one_line_also_without_a_blank_one_after_it() -> None:
    file = read("$CATEGORY: top/Signs\nOne?{T}")
    assert (dict(file.read), len(file.found)) == ({"category": 1, "truefalse": 1}, 1)


def test_every_text_is_made_plain_by_the_format_that_it_is_in() -> None:
    draft = one("[html]<p>Is <b>it</b>?</p>{=<i>yes</i>#<p>well</p> ~[plain]<b>no</b> ####[markdown]*Because* of it}")
    assert (draft.question_text, options(draft)) == ("Is it?", [("yes", True), ("<b>no</b>", False)])
    assert draft.explanation == "Because of it\n\nyes: well"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a < b and b > c", "a < b and b > c"),
        ("if x<y then", "if x<y then"),
        ("a <b>bold</b> word\nand a line", "a bold word\nand a line"),
        ("&lt;p&gt; is a tag", "<p> is a tag"),
        ("[html]<ul><li>one<li>two</ul>", "- one\n- two"),
        ("[html]<pre>\nint a\\;\nint b\\;\n</pre>", "int a\\;\nint b\\;"),
        ("[html]<script>alert(1)</script>said<style>p</style>", "said"),
        ('[html]x<sup>2</sup> <img src\\="a.png" alt\\="a hand">', "x^2 [a hand]"),
        ("[unknown] format", "[unknown] format"),
    ],
)
def test_texts_of_moodle(source: str, text: str) -> None:
    assert one(f"{source}{{T}}").question_text == text


def test_a_picture_without_a_description_cannot_be_shown() -> None:
    assert "picture" in refused('[html]What is <img src\\="@@PLUGINFILE@@/x.png">?{T}')


def test_of_a_picture_inside_the_text_its_description_stays() -> None:
    picture = f'<img src="data:image/png;base64,{"iVBO" * 50_000}" alt="a hand">'
    assert moodle("essay", text=f"What is {picture}?").question_text == "What is [a hand]?"
    bare = picture.replace(' alt="a hand"', "")
    assert "picture" in refused(xml("essay", text=f"What is {bare}?"), "moodle-xml")
    assert moodle("essay", text=picture.replace("a hand", "") + "What?").question_text == "What?"


def test_ids_and_tags_stand_in_comments() -> None:
    file = read("// question: 1 [id:a\\]b] [tag:topic:Signs] [tag:other]\nWhat?{}\n\nNext?{}")
    assert [found.id for found in file.found] == ["a]b", "#2"]
    assert (file.found[0].built.draft.external_id, file.found[0].built.draft.topic) == ("file:a]b", "Signs")
    assert file.found[1].built.said == frozenset()


@pytest.mark.parametrize("tag", ["points:0", "points:x", "points:٣", "points:99999", "difficulty:awful", "type:essay"])
def test_tags_that_say_nonsense_say_nothing(tag: str) -> None:
    draft = one(f"// [tag:{tag}]\nWhat?{{T}}")
    assert (draft.points, draft.difficulty, draft.question_type) == (1, "medium", "true_false")


def test_an_id_for_two_questions_is_taken_once() -> None:
    file = read("// [id:x]\nOne?{T}\n\n// [id:x]\nTwo?{F}")
    assert [found.built.draft.question_text for found in file.found] == ["One?"]
    assert file.left_out[0].reason == "its id stands in the file a second time"


def test_a_question_keeps_its_name_when_its_words_change() -> None:
    before, after = one("::Grant::Who?{T}"), one("::Grant::Who is it?{T}")
    assert before.external_id == after.external_id
    assert one("Who?{T}").external_id != one("Who is it?{T}").external_id


# --- Aiken --------------------------------------------------------------------------------------


def test_aiken_in_all_its_forms() -> None:
    file = read("One\nin two lines?\nA) a\nB. b\nANSWER: B\n\nTwo?\nA) x\nB) y\nANSWER:A", "aiken")
    first, second = (found.built.draft for found in file.found)
    assert (first.question_text, options(first)) == ("One\nin two lines?", [("a", False), ("b", True)])
    assert (second.question_type, options(second)) == ("multiple_choice", [("x", True), ("y", False)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("What?\nA) a\nB) b\nANSWER: C", "C is not one of its options"),
        ("What?\nA) a\nB) b\nANSWER: A, B", "A, B is not one of its options"),
        ("What?\nA) a\nB) b", "doesn't say which answer is right"),
        ("What?\nA) a\nA) b\nANSWER: A", "A is not one"),
        ("What?\nA) a\nANSWER: A", "2 to 50"),
    ],
)
def test_aiken_that_cannot_be_graded(text: str, reason: str) -> None:
    assert reason in refused(text, "aiken")


def test_a_question_without_its_answer_does_not_swallow_the_next() -> None:
    file = read("One?\nA) a\nB) b\n\nTwo?\nA) x\nB) y\nANSWER: A", "aiken")
    assert [found.built.draft.question_text for found in file.found] == ["Two?"]
    assert dict(file.read) == {"multichoice": 2}


# --- Moodle XML ---------------------------------------------------------------------------------


def moodle(kind: str, inside: str = "", **kwargs: Any) -> QuestionDraft:
    return one(xml(kind, inside, **kwargs), "moodle-xml")


def test_choices_of_moodle() -> None:
    single = moodle("multichoice", f"<single>true</single>{answers((100, 'yes'), (0, 'no'), (-25, 'never'))}")
    assert (single.question_type, options(single)) == (
        "multiple_choice",
        [("yes", True), ("no", False), ("never", False)],
    )
    several = moodle("multichoice", f"<single>false</single>{answers((50, 'a'), (50, 'b'), (0, 'c'))}")
    assert (several.question_type, options(several)) == ("multiple_select", [("a", True), ("b", True), ("c", False)])


def test_words_of_moodle() -> None:
    draft = moodle("shortanswer", "<usecase>0</usecase>" + answers((100, "no one"), (100, "4 \\* 4"), (0, "*")))
    assert draft.accepted_answers == ["no one", "4 * 4"]
    assert moodle("shortanswer", f"<usecase>1</usecase>{answers((100, '42'))}").accepted_answers == ["42"]


def test_an_order_of_moodle_stands_in_its_fractions() -> None:
    draft = moodle("ordering", answers((2, "second"), (10, "last"), (1, "first")))
    assert [option.option_text for option in draft.options] == ["first", "second", "last"]


def test_pairs_of_moodle() -> None:
    draft = moodle(
        "matching",
        "<subquestion><text>frog</text><answer><text>amphibian</text></answer></subquestion>"
        "<subquestion><text>newt</text><answer><text>amphibian</text></answer></subquestion>"
        "<subquestion><text></text><answer><text>insect</text></answer></subquestion>",
    )
    assert [(pair.left, pair.right) for pair in draft.pairs] == [("frog", "amphibian"), ("newt", "amphibian")]


def test_a_number_of_moodle_with_its_tolerance_and_unit() -> None:
    draft = moodle(
        "numerical",
        '<answer fraction="100"><text>6.25</text><tolerance>0.05</tolerance></answer>'
        "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit></units>",
    )
    assert (draft.number, draft.tolerance) == (Decimal("6.25"), Decimal("0.05"))


def test_feedback_and_hints_explain() -> None:
    draft = moodle(
        "truefalse",
        '<generalfeedback format="html"><text>&lt;p&gt;General.&lt;/p&gt;</text></generalfeedback>'
        '<answer fraction="100"><text>true</text><feedback><text>Good.</text></feedback></answer>'
        '<answer fraction="0"><text>false</text><feedback><text>Bad.</text></feedback></answer>'
        "<hint><text>Look again.</text></hint>",
    )
    assert draft.explanation == "General.\n\nTrue: Good.\n\nFalse: Bad.\n\nHint: Look again."


@pytest.mark.parametrize(
    ("grade", "points", "note"),
    [("1.0000000", 1, None), ("3", 3, None), ("2.5", 2, "2.5 points became 2"), ("0", 1, "0 points became 1")],
)
def test_points_of_moodle(grade: str, points: int, note: str | None) -> None:
    [found] = read(xml("essay", f"<defaultgrade>{grade}</defaultgrade>"), "moodle-xml").found
    assert found.built.draft.points == points
    assert found.built.notes == ((note,) if note else ())


@pytest.mark.parametrize(
    ("kind", "inside", "reason"),
    [
        ("cloze", "", "several gaps"),
        ("calculated", "", "computed for each learner"),
        ("ddmarker", "", "a place in a picture"),
        ("description", "", "asks for no answer"),
        ("coderunner", "", "the kind coderunner can't be asked"),
        ("", "", "the kind ? can't be asked"),
        ("essay", "<hidden>1</hidden>", "hidden in Moodle"),
        ("essay", "<responseformat>noinline</responseformat>", "asks for a file"),
        ("essay", "<attachmentsrequired>1</attachmentsrequired>", "asks for a file"),
        ("essay", "<defaultgrade>much</defaultgrade>", "is not a number"),
        ("shortanswer", f"<usecase>1</usecase>{answers((100, 'Rome'))}", "capital letters"),
        ("shortanswer", answers((100, "Rome"), (80, "Roma")), "worth 80 %"),
        ("shortanswer", answers((100, "R*me")), "matched by a pattern"),
        ("shortanswer", "", "no answer is right"),
        ("truefalse", answers((100, "yes"), (0, "no")), "not true and false"),
        ("truefalse", answers((100, "true"), (100, "false")), "more than one choice"),
        ("multichoice", answers((100, "a"), (100, "b")), "more than one choice"),
        ("multichoice", answers(("x", "a"), (100, "b")), "is not a number"),
        ("multichoice", answers((100, "a"), (0, "")), "blank"),
        ("multichoice", answers((100, "a"), (0, "b" * 1001)), "1000"),
        ("numerical", f"<unitgradingtype>1</unitgradingtype>{answers((100, '1'))}", "unit is graded"),
        ("numerical", f"<units><unit/><unit/></units>{answers((100, '1'))}", "more than one unit"),
        ("matching", "", "2 to 50"),
        ("ordering", answers((1, "a"), (2, "a")), "the same"),
    ],
)
def test_what_of_moodle_cannot_be_asked_or_graded(kind: str, inside: str, reason: str) -> None:
    assert reason in refused(xml(kind, inside), "moodle-xml")


def test_a_name_stands_in_for_a_text_that_is_none() -> None:
    assert moodle("essay", text="").question_text == "The name"


def test_markup_that_nobody_escaped_is_read_as_markup() -> None:
    text = '<quiz><question type="essay"><questiontext format="html"><text>A <b>bold</b> one</text></questiontext>'
    assert one(f"{text}</question></quiz>", "moodle-xml").question_text == "A bold one"


def test_a_part_of_an_order_and_pictures_are_noted() -> None:
    inside = f"<selecttype>RANDOM</selecttype>{answers((1, 'a'), (2, 'b'))}"
    [found] = read(xml("ordering", inside, text='<img src="x" alt="a hand"> what?'), "moodle-xml").found
    assert len(found.built.notes) == 2
