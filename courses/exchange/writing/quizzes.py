"""Quizzes and their questions. A question that did not change keeps its rows, and with them what learners answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from courses.assessment.kinds import OptionDraft, QuestionDraft, RightAnswer, check_draft
from courses.assessment.models import Question, Quiz
from courses.assessment.selectors import right_answers
from courses.assessment.services.authoring import add_questions, rewrite_question
from courses.catalogue.models import Content, Course
from courses.exchange.olx import structure as olx
from courses.exchange.olx.errors import NotImported
from courses.exchange.questions.structure import FILE_ID
from courses.exchange.writing.rows import write_rows
from e_learning.core.api.errors import ApiError

_LONGEST_TITLE = 200


def check_question(question: olx.Question) -> None:
    """Raise NotImported for a question that the platform's own rules refuse."""
    try:
        check_draft(_draft(question, place=1))
    except ApiError as refusal:
        raise NotImported(refusal.message) from refusal


def write_quizzes(course: Course, read: olx.OlxCourse, contents: Mapping[str, Content]) -> None:
    """Bring the quizzes of the contents read, and their questions, in line with the file.

    A question is the same while its quiz and external id are; one that the file no longer holds, or
    holds as another type, goes. Questions that an author added by hand stay.
    """
    found = {
        content.external_id: content
        for module in read.modules
        for content in module.contents
        if isinstance(content, olx.QuizContent)
    }
    old = {quiz.content.external_id: quiz for quiz in _quizzes_of(course)}
    wanted = {
        key: {"content_id": contents[key].pk, "title": content.title[:_LONGEST_TITLE]} for key, content in found.items()
    }
    quizzes = write_rows(Quiz.objects.all(), old=old, wanted=wanted)
    there = _imported_questions(course)
    for key, content in found.items():
        _write_questions(quizzes[key], content.questions, there.get(quizzes[key].pk, {}))


def _quizzes_of(course: Course) -> Any:
    return Quiz.objects.filter(content__module__course=course).select_related("content")


def _imported_questions(course: Course) -> dict[int, dict[str, RightAnswer]]:
    """Return what earlier imports made, by quiz and external id; two statements for the whole course.

    Questions that a file of questions brought are none of the course's: what it doesn't hold of them stays.
    """
    imported = Question.objects.filter(quiz__content__module__course=course).exclude(external_id="")
    imported = imported.exclude(external_id__startswith=FILE_ID)
    by_quiz: dict[int, dict[str, RightAnswer]] = {}
    for answer in right_answers(imported).values():
        by_quiz.setdefault(answer.question.quiz_id, {})[answer.question.external_id] = answer
    return by_quiz


def _write_questions(quiz: Quiz, read: Sequence[olx.Question], old: Mapping[str, RightAnswer]) -> None:
    drafts = {question.external_id: _draft(question, place=place) for place, question in enumerate(read, start=1)}
    same = {
        key: answer
        for key, answer in old.items()
        if key in drafts and answer.question.question_type == drafts[key].question_type
    }
    gone = [answer.question.pk for key, answer in old.items() if key not in same]
    if gone:
        Question.objects.filter(pk__in=gone).delete()
    for key, answer in same.items():
        # How hard it is and what it is about, the file doesn't say: what an author set here stays.
        draft = replace(drafts[key], difficulty=answer.question.difficulty, topic=answer.question.topic)
        if _as_stored(answer) != _as_drafted(draft):
            rewrite_question(answer, draft)
    new = [draft for key, draft in drafts.items() if key not in same]
    if new:
        add_questions(quiz=quiz, drafts=new)


def _draft(question: olx.Question, *, place: int) -> QuestionDraft:
    return QuestionDraft(
        question_text=question.text,
        question_type=question.question_type,
        points=question.points,
        order=place,
        explanation=question.explanation,
        external_id=question.external_id,
        options=[
            OptionDraft(option.text, option.is_correct, number)
            for number, option in enumerate(question.options, start=1)
        ],
        accepted_answers=question.accepted_answers,
        number=question.number,
        tolerance=question.tolerance,
    )


def _as_stored(answer: RightAnswer) -> tuple[Any, ...]:
    question, key = answer.question, answer.key
    options = [(row.option_text, row.is_correct, row.order) for row in answer.options]
    said = (question.question_text, question.points, question.order, key.explanation)
    return (*said, options, list(key.accepted_answers), key.number, key.tolerance)


def _as_drafted(draft: QuestionDraft) -> tuple[Any, ...]:
    options = [(option.option_text, option.is_correct, option.order) for option in draft.options]
    said = (draft.question_text, draft.points, draft.order, draft.explanation)
    return (*said, options, list(draft.accepted_answers), draft.number, draft.tolerance or Decimal(0))
