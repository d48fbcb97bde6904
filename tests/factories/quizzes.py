"""Quizzes for tests: one question of every type, and the answers to them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.models import CustomUser
from courses.assessment.kinds import OptionDraft, PairDraft, QuestionDraft
from courses.assessment.services import add_questions
from courses.models import Course, Module, Question, QuestionOption, Quiz
from tests.factories.courses import make_content, make_course

#: In everything of a question that must not be seen before its time. No word of it stands in a question's text.
CANARY = "zwitscherkanari"


def make_quiz(course: Course, drafts: list[QuestionDraft] | None = None, **fields: Any) -> Quiz:
    """Return a quiz of a new content in the first module of ``course``; one question unless said otherwise."""
    module = Module.objects.filter(course=course).order_by("order").first()
    assert module is not None
    content = make_content(module, content_type="quiz", title="Quiz", text_content="", text_html="", order=90)
    quiz = Quiz.objects.create(content=content, **({"title": "Quiz"} | fields))
    add_questions(quiz=quiz, drafts=[true_false()] if drafts is None else drafts)
    return quiz


def course_with_quiz(
    teacher: CustomUser, drafts: list[QuestionDraft] | None = None, **fields: Any
) -> tuple[Course, Quiz]:
    course = make_course(teacher)
    return course, make_quiz(course, drafts, **fields)


def true_false(text: str = "A comes before B.", **fields: Any) -> QuestionDraft:
    options = (OptionDraft("True", is_correct=True), OptionDraft("False"))
    return QuestionDraft(question_text=text, question_type="true_false", options=options, **fields)


def every_type() -> list[QuestionDraft]:
    """One question of every type; their explanations and written keys hold the canary."""
    said: dict[str, Any] = {"explanation": f"Because of {CANARY}."}
    return [
        QuestionDraft("Pick one", "multiple_choice", options=_options("no", "yes!", "nor"), **said),
        QuestionDraft("Pick two", "multiple_select", options=_options("no", "yes!", "too!", "nor"), points=2, **said),
        QuestionDraft("Is it?", "true_false", options=_options("True!", "False"), **said),
        QuestionDraft("Say it", "fill_in_blank", accepted_answers=[f"{CANARY} one", "Straße"], **said),
        QuestionDraft("How much?", "numeric", number=Decimal("42.5"), tolerance=Decimal("0.5"), **said),
        QuestionDraft("Pair them", "matching", pairs=[PairDraft(f"left {i}", f"right {i}") for i in range(8)], **said),
        QuestionDraft("Order them", "ordering", options=[OptionDraft(f"step {i}") for i in range(8)], **said),
        QuestionDraft("Tell us", "essay", points=3, **said),
    ]


def right_answer(question: Question) -> dict[str, Any]:
    """Return an answer to ``question`` that is right, read from its rows."""
    rows = list(QuestionOption.objects.filter(question=question).order_by("order", "id"))
    right = [row.pk for row in rows if row.is_correct]
    responses: dict[str, Callable[[], dict[str, Any]]] = {
        "multiple_choice": lambda: {"selected_option_id": right[0]},
        "true_false": lambda: {"selected_option_id": right[0]},
        "multiple_select": lambda: {"selected_option_ids": right},
        "fill_in_blank": lambda: {"text": question.key.accepted_answers[-1]},
        "numeric": lambda: {"number": float(question.key.number or 0)},
        "matching": lambda: {"pairs": [[row.pk, row.match_id] for row in rows if row.side == "left"]},
        "ordering": lambda: {"order": [row.pk for row in rows]},
        "essay": lambda: {"text": "My thoughts."},
    }
    return {"question_id": question.pk, **responses[question.question_type]()}


def wrong_answer(question: Question) -> dict[str, Any]:
    """Return an answer of the right form that is wrong."""
    rows = list(QuestionOption.objects.filter(question=question).order_by("order", "id"))
    wrong = [row.pk for row in rows if not row.is_correct]
    lefts = [row for row in rows if row.side == "left"]
    responses: dict[str, Callable[[], dict[str, Any]]] = {
        "multiple_choice": lambda: {"selected_option_id": wrong[0]},
        "true_false": lambda: {"selected_option_id": wrong[0]},
        "multiple_select": lambda: {"selected_option_ids": wrong},
        "fill_in_blank": lambda: {"text": "something else"},
        "numeric": lambda: {"number": 1},
        "matching": lambda: {"pairs": [[lefts[0].pk, lefts[1].match_id], [lefts[1].pk, lefts[0].match_id]]},
        "ordering": lambda: {"order": [row.pk for row in reversed(rows)]},
        "essay": lambda: {"text": "Nothing much."},
    }
    return {"question_id": question.pk, **responses[question.question_type]()}


def questions_of(quiz: Quiz) -> list[Question]:
    return list(Question.objects.filter(quiz=quiz).select_related("key").order_by("order", "id"))


def right_answers_to(quiz: Quiz) -> list[dict[str, Any]]:
    return [right_answer(question) for question in questions_of(quiz)]


def wrong_answers_to(quiz: Quiz) -> list[dict[str, Any]]:
    return [wrong_answer(question) for question in questions_of(quiz)]


def _options(*texts: str) -> tuple[OptionDraft, ...]:
    """Options in order; those marked with ``!`` are right."""
    return tuple(OptionDraft(text.rstrip("!"), is_correct=text.endswith("!")) for text in texts)
