"""Problems in the shape of our questions, and the reasons for which one stays out."""

from decimal import Decimal

import pytest

from courses.exchange.olx.structure import Option, Question, QuizContent
from tests.courses.exchange.conftest import Read

BESIDE = '<html url_name="h1"><p>beside</p></html>'
CHOICES = '<choicegroup><choice correct="{}">One</choice><choice correct="{}">Two</choice></choicegroup>'


def questions(read: Read, problem: str) -> tuple[Question, ...]:
    course = read(f'<problem url_name="p1" display_name="Named">{problem}</problem>')
    quiz = course.modules[0].contents[0]
    assert isinstance(quiz, QuizContent)
    return quiz.questions


def reason(read: Read, problem: str) -> str:
    course = read(f'{BESIDE}<problem url_name="p1">{problem}</problem>')
    (left,) = course.left_out
    assert (left.kind, left.id) == ("problem", "p1")
    return left.reason


def test_one_choice_with_its_explanation_and_what_is_said_to_each_choice(read: Read) -> None:
    (question,) = questions(
        read,
        "<p>Look at this <b>hand</b>.</p><multiplechoiceresponse><label>Which letter is it?</label>"
        '<description>Only one.</description><choicegroup type="MultipleChoice">'
        '<choice correct="false">A <choichint/><choicehint>No: the thumb.</choicehint></choice>'
        '<choice correct="true"><i>B</i></choice></choicegroup>'
        "<solution><div><p>Explanation</p><p>The palm is flat.</p><ul><li>so</li><li>see</li></ul></div></solution>"
        "</multiplechoiceresponse><demandhint><hint>Count the fingers.</hint></demandhint>",
    )
    assert question == Question(
        external_id="problem/p1",
        question_type="multiple_choice",
        text="Look at this hand.\n\nWhich letter is it?\n\nOnly one.",
        points=1,
        explanation="The palm is flat.\n\n- so\n- see\n\nA: No: the thumb.\n\nHint: Count the fingers.",
        options=(Option("A", False), Option("B", True)),
    )


def test_true_and_false_make_a_true_false_question(read: Read) -> None:
    body = CHOICES.format("true", "false").replace("One", "True").replace("Two", "FALSE")
    (question,) = questions(read, f"<multiplechoiceresponse>{body}</multiplechoiceresponse>")
    assert question.question_type == "true_false"
    assert question.text == "Named"


def test_several_choices(read: Read) -> None:
    body = CHOICES.format("true", "true").replace("choicegroup", "checkboxgroup")
    (question,) = questions(read, f"<choiceresponse>{body}</choiceresponse>")
    assert question.question_type == "multiple_select"
    assert question.options == (Option("One", True), Option("Two", True))


def test_a_dropdown_in_either_spelling(read: Read) -> None:
    first, second = questions(
        read,
        "<optionresponse><optioninput><option correct='True'>Red</option><option correct='False'>Blue</option>"
        "</optioninput></optionresponse><p>Then:</p><optionresponse>"
        r"""<optioninput options="('It\'s','Blue')" correct="It's"/></optionresponse>""",
    )
    assert first.options == (Option("Red", True), Option("Blue", False))
    assert second.options == (Option("It's", True), Option("Blue", False))
    assert second.text == "Then:"
    assert [first.external_id, second.external_id] == ["problem/p1#1", "problem/p1#2"]


def test_a_dropdown_in_a_sentence_shows_a_blank_in_its_place(read: Read) -> None:
    (question,) = questions(
        read,
        "<optionresponse><p>A palm is <optioninput options=\"('flat','round')\" correct='flat'/> here.</p>"
        "</optionresponse>",
    )
    assert question.text == "A palm is ____ here."


def test_dropdowns_in_a_table_say_their_row_and_column(read: Read) -> None:
    cell = "<td><optionresponse><optioninput options=\"('x','y')\" correct='x'/></optionresponse></td>"
    first, second = questions(
        read,
        "<p>Fill it in.</p><table><tr><th>Sign</th><th>Hand</th><th>Place</th></tr>"
        f"<tr><td>Hello</td>{cell}{cell}</tr></table>",
    )
    assert first.text == "Fill it in.\n\nHello: Hand"
    assert second.text == "Fill it in.\n\nHello: Place"


def test_words_with_all_that_is_accepted(read: Read) -> None:
    (question,) = questions(
        read,
        '<stringresponse answer="Doc_or_ Physician " type="ci"><additional_answer answer="Healer"/>'
        "<additional_answer>Medic</additional_answer><stringequalhint answer='Vet'>Nearly.</stringequalhint>"
        "<textline label='Who heals?'/></stringresponse>",
    )
    assert question.question_type == "fill_in_blank"
    assert question.accepted_answers == ("Doc", "Physician", "Healer", "Medic")
    assert question.text == "Who heals?"
    assert question.explanation == "Vet: Nearly."


@pytest.mark.parametrize(
    ("answer", "tolerance", "number", "within"),
    [
        ("600", "5", "600", "5"),
        ("-200", "10%", "-200", "20"),
        ("12", "", "12", "0.00012"),
        ("1/4", "0", "0.25", "0"),
        ("2.5e3", "", "2500", "0.025"),
        ("[5, 7]", "", "6", "1"),
        ("(0,1]", "", "0.5000005", "0.4999995"),
        ("[0,1)", "", "0.4999995", "0.4999995"),
    ],
)
def test_numbers_and_how_near_is_near_enough(read: Read, answer: str, tolerance: str, number: str, within: str) -> None:
    param = f'<responseparam type="tolerance" default="{tolerance}"/>' if tolerance else ""
    (question,) = questions(read, f'<numericalresponse answer="{answer}">{param}</numericalresponse>')
    assert question.question_type == "numeric"
    assert question.number == Decimal(number)
    assert question.tolerance == Decimal(within)


def test_a_solution_of_the_whole_problem_explains_each_of_its_questions(read: Read) -> None:
    number = '<numericalresponse answer="{}"><solution><p>Own {}</p></solution></numericalresponse>'
    first, second = questions(read, number.format(1, 1) + number.format(2, 2) + "<solution><p>All</p></solution>")
    assert first.explanation == "Own 1\n\nAll"
    assert second.explanation == "Own 2\n\nAll"


@pytest.mark.parametrize(("weight", "points"), [("3.0", 3), ("0", 1), ("many", 1), ("1e999", 1), ("5000", 100)])
def test_the_weight_of_a_problem_is_its_questions_points(read: Read, weight: str, points: int) -> None:
    course = read(f'<problem url_name="p" weight="{weight}"><numericalresponse answer="1"/></problem>')
    quiz = course.modules[0].contents[0]
    assert isinstance(quiz, QuizContent)
    assert quiz.questions[0].points == points


def test_a_picture_is_told_in_words(read: Read) -> None:
    (question,) = questions(
        read,
        '<p><img src="/static/a.png" alt="a  hand"/></p><p><img src="/static/gone.png"/></p>'
        '<p><img src="https://example.org/b.png" alt="b"/> 10<sup>2</sup> x<sub>1</sub></p>'
        '<numericalresponse answer="1"/>',
    )
    assert question.text == "[a hand]\n\n[b: https://example.org/b.png] 10^2 x_1"


def test_a_dollar_is_a_dollar_where_no_script_computes(read: Read) -> None:
    (question,) = questions(read, '<p>It costs $price.</p><numericalresponse answer="5"/>')
    assert question.text == "It costs $price."


def test_a_script_that_nothing_refers_to_keeps_no_problem_out(read: Read) -> None:
    (question,) = questions(read, '<script>x = 1</script><p>It costs $5.</p><numericalresponse answer="5"/>')
    assert question.text == "It costs $5."


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        ("<p>Only text.</p>", "no answer"),
        ("<optionresponse/>", "no answer"),
        ("<formularesponse answer='x^2'/>", "formula"),
        ("<customresponse cfn='f'/>", "never run"),
        ("<imageresponse/>", "place in a picture"),
        ("<novelresponse/>", "answers of the kind novelresponse can't be graded here"),
        ("<stringresponse answer='.*' type='ci regexp'/>", "regular expression"),
        ("<stringresponse answer=' '/>", "no answer is right"),
        ("<numericalresponse answer='sqrt(2)'/>", "formula, not a number"),
        ("<numericalresponse answer='1/0'/>", "formula, not a number"),
        ("<numericalresponse answer='1,5'/>", "formula, not a number"),
        ("<numericalresponse answer='nan'/>", "not a number that can be kept"),
        ("<numericalresponse answer='1e300'/>", "not a number that can be kept"),
        ("<numericalresponse answer='6.62e-34'/>", "more digits than can be kept"),
        ("<numericalresponse answer='[7,5]'/>", "range is empty"),
        ("<numericalresponse answer='1'><responseparam type='tolerance' default='1e15'/></numericalresponse>", "kept"),
        (
            "<numericalresponse answer='9e14'><responseparam type='tolerance' default='9e14'/></numericalresponse>",
            "large",
        ),
        ("<numericalresponse answer='1'><additional_answer answer='2'/></numericalresponse>", "more than one number"),
        (f"<multiplechoiceresponse>{CHOICES.format('false', 'false')}</multiplechoiceresponse>", "no choice is right"),
        (f"<multiplechoiceresponse>{CHOICES.format('true', 'true')}</multiplechoiceresponse>", "more than one choice"),
        (f"<multiplechoiceresponse>{CHOICES.format('true', 'partial')}</multiplechoiceresponse>", "neither right"),
        ("<multiplechoiceresponse><choice correct='true'>1</choice></multiplechoiceresponse>", "fewer than two"),
        ("<choiceresponse><choice correct='true'/><choice>2</choice></choiceresponse>", "without words"),
        (f"<choiceresponse><choice correct='true'>{'x' * 1001}</choice><choice>2</choice></choiceresponse>", "1000"),
    ],
)
def test_what_cannot_be_graded_is_left_out_and_says_why(read: Read, problem: str, why: str) -> None:
    assert why in reason(read, problem)


def test_one_part_that_cannot_be_graded_takes_the_whole_problem_out(read: Read) -> None:
    assert "formula" in reason(read, "<numericalresponse answer='1'/><formularesponse answer='x'/>")
