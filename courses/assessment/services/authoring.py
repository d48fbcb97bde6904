"""Writing quizzes and questions. Every write grows the course's version in its own transaction."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import SystemRandom
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.kinds import OptionDraft, PairDraft, QuestionDraft, RightAnswer, check_draft, kind_of, refuse
from courses.assessment.models import AnswerKey, Question, QuestionOption, Quiz
from courses.assessment.selectors import authored_question, owned_question, owned_quiz, right_answers
from courses.assessment.services.again import again_if_torn
from courses.assessment.services.holding import hold_attempts_at
from courses.catalogue.models import Content, Course
from courses.catalogue.services import touch_course
from e_learning.core.api.errors import Conflict, InvalidInput, NotThere

_rng = SystemRandom()
_COMMON_FIELDS = ("question_text", "points", "order", "difficulty", "topic", "external_id")
_OPTION_KEY_FIELDS = ["option_text", "is_correct", "match", "order"]


class QuizExists(Conflict):
    code = "quiz_exists"
    message = _("This content has a quiz already.")


class QuizOfAnotherCourse(InvalidInput):
    code = "quiz_of_another_course"
    message = _("This quiz belongs to another course.")


def create_quiz(*, author: User, content_id: int, **fields: Any) -> Quiz:
    """Give a content of type quiz its quiz.

    Refuses with 404 (no such content in a course of the author's), 400 (a content of another type)
    and 409 ``quiz_exists``.
    """
    owned = Course.objects.owned_by(author)
    content = Content.objects.filter(pk=content_id, module__course__in=owned).select_related("module").first()
    if content is None:
        raise NotThere
    if content.content_type != Content.Type.QUIZ:
        raise refuse("content_id", _("Only a content of type quiz has a quiz."), "content_is_not_a_quiz")
    try:
        with transaction.atomic():
            quiz = Quiz.objects.create(content=content, **fields)
            touch_course(content.module.course_id)
    except IntegrityError as error:  # the content's one quiz is there already, perhaps since a moment
        raise QuizExists from error
    return owned_quiz(author, quiz.pk)


@transaction.atomic
def update_quiz(*, author: User, quiz_id: int, **fields: Any) -> Quiz:
    """Change a quiz. Attempts that are running keep the deadline they began with (``extend_deadlines`` moves it)."""
    quiz = owned_quiz(author, quiz_id)
    for name, value in fields.items():
        setattr(quiz, name, value)
    if fields:
        quiz.save(update_fields=list(fields))
        touch_course(quiz.content.module.course_id)
    return quiz


def delete_quiz(*, author: User, quiz_id: int) -> None:
    """Delete a quiz with its questions and attempts. What it completed stays complete."""
    again_if_torn(lambda: _delete(owned_quiz(author, quiz_id)))


def create_question(*, author: User, quiz_id: int, body: Mapping[str, Any]) -> RightAnswer:
    """Add a question to a quiz; 404 for a quiz that isn't the author's, 400 for one that could not be graded."""
    quiz = owned_quiz(author, quiz_id)
    [question] = add_questions(quiz=quiz, drafts=[draft_from(body)])
    return right_answers(Question.objects.filter(pk=question.pk))[question.pk]


@transaction.atomic
def create_questions(
    *, author: User, quiz_id: int, course_id: int, bodies: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Add questions at the end of a quiz of the course, all or none; returns them in order, as their author reads them.

    Refuses: 404 for a quiz that isn't the author's, 400 ``quiz_of_another_course``, and 400 where a question could not
    be asked or graded; ``attr`` begins with its place: ``3.options``.
    """
    quiz = owned_quiz(author, quiz_id)
    if quiz.content.module.course_id != course_id:
        raise QuizOfAnotherCourse(attr="quiz_id")
    for place, body in enumerate(bodies):
        try:
            check_question(body)
        except InvalidInput as refusal:
            raise refuse(f"{place}.{refusal.attr}", refusal.message, refusal.code) from refusal
    ids = [question.pk for question in add_questions(quiz=quiz, drafts=[draft_from(body) for body in bodies])]
    made = right_answers(Question.objects.filter(pk__in=ids))
    return [authored_question(made[id_]) for id_ in ids]


def check_question(body: Mapping[str, Any]) -> None:
    """Refuse (400) a body that could not be asked or graded."""
    check_draft(draft_from(body))


@transaction.atomic
def add_questions(*, quiz: Quiz, drafts: Sequence[QuestionDraft]) -> list[Question]:
    """Add questions at the end of a quiz, or where their drafts say; a handful of statements for any number.

    Refuses all (400) where one could not be asked or graded. Rows whose ids could tell what is right
    are inserted in a shuffled order.
    """
    for draft in drafts:
        check_draft(draft)
    last = Question.objects.filter(quiz=quiz).aggregate(last=Max("order"))["last"] or 0
    questions = Question.objects.bulk_create(
        Question(quiz=quiz, question_type=draft.question_type, **_common(draft, place=last + number))
        for number, draft in enumerate(drafts, 1)
    )
    AnswerKey.objects.bulk_create(_key(question, draft) for question, draft in zip(questions, drafts, strict=True))
    rows: list[QuestionOption] = []
    for question, draft in zip(questions, drafts, strict=True):
        made = kind_of(draft.question_type).rows(draft)
        for row in made:
            row.question = question
        rows += _in_order_of_insertion(draft.question_type, made)
    _insert(rows)
    touch_course(_course_id(quiz.pk))
    return questions


@transaction.atomic
def update_question(*, author: User, question_id: int, changes: Mapping[str, Any]) -> RightAnswer:
    """Change a question as its author wrote it; what ``changes`` leaves out stays.

    Options keep their ids where they can, so that attempts that are running still mean what was
    chosen. Refuses with 404, and 400 for a change of the type or for what could not be graded.
    """
    answer = owned_question(author, question_id)
    question = answer.question
    if changes.get("question_type", question.question_type) != question.question_type:
        raise refuse("question_type", _("The type of a question stays. Write a new one."), "type_is_fixed")
    draft = draft_from({**authored_question(answer), **changes})
    rewrite_question(answer, draft)
    touch_course(_course_id(question.quiz_id))
    return right_answers(Question.objects.filter(pk=question_id))[question_id]


def rewrite_question(answer: RightAnswer, draft: QuestionDraft) -> None:
    """Write ``draft`` over a question of the same type, in the caller's transaction, without touching the course."""
    check_draft(draft)
    question = answer.question
    common = _common(draft, place=question.order)
    Question.objects.filter(pk=question.pk).update(**common)
    AnswerKey.objects.update_or_create(question=question, defaults=_key_fields(draft))
    rows = kind_of(draft.question_type).rows(draft)
    for row in rows:
        row.question = question
    _rewrite_options(draft.question_type, list(answer.options), rows)


def delete_question(*, author: User, question_id: int) -> None:
    """Delete a question; attempts that asked it go on without it."""
    again_if_torn(lambda: _delete(owned_question(author, question_id).question))


@transaction.atomic
def _delete(row: Quiz | Question) -> None:
    course_id = _course_id(row.pk if isinstance(row, Quiz) else row.quiz_id)
    if isinstance(row, Quiz):
        hold_attempts_at([row.pk])
    row.delete()
    touch_course(course_id)


def draft_from(body: Mapping[str, Any]) -> QuestionDraft:
    """Return the draft that a validated body describes; whatever else is in it is left out."""
    values = {name: body[name] for name in QuestionDraft.__slots__ if body.get(name) is not None}
    values["options"] = [
        OptionDraft(option["option_text"], option.get("is_correct", False), option.get("order"))
        for option in body.get("options") or ()
    ]
    values["pairs"] = [PairDraft(pair["left"], pair["right"]) for pair in body.get("pairs") or ()]
    for name in ("number", "tolerance"):  # a question as it is read holds JSON numbers
        if name in values:
            values[name] = Decimal(str(values[name]))
    return QuestionDraft(**values)


def _course_id(quiz_id: int) -> int:
    return Quiz.objects.values_list("content__module__course_id", flat=True).get(pk=quiz_id)


def _common(draft: QuestionDraft, *, place: int) -> dict[str, Any]:
    fields = {name: getattr(draft, name) for name in _COMMON_FIELDS}
    return fields | {"order": place if draft.order is None else draft.order}


def _key_fields(draft: QuestionDraft) -> dict[str, Any]:
    return {
        "explanation": draft.explanation,
        "accepted_answers": list(draft.accepted_answers),
        "number": draft.number,
        "tolerance": draft.tolerance,
    }


def _key(question: Question, draft: QuestionDraft) -> AnswerKey:
    return AnswerKey(question=question, **_key_fields(draft))


def _in_order_of_insertion(question_type: str, rows: list[QuestionOption]) -> list[QuestionOption]:
    return _rng.sample(rows, len(rows)) if kind_of(question_type).ids_could_tell else rows


def _insert(rows: list[QuestionOption]) -> None:
    """Insert options; lefts of pairs last, because they name their rights."""
    QuestionOption.objects.bulk_create(row for row in rows if row.side != QuestionOption.Side.LEFT)
    QuestionOption.objects.bulk_create(row for row in rows if row.side == QuestionOption.Side.LEFT)


def _rewrite_options(question_type: str, old: list[QuestionOption], new: list[QuestionOption]) -> None:
    """Make ``new`` the options of a question that had ``old``, over the same rows where possible.

    A row is taken for the same text, else for the next one of its side: a corrected typo keeps its
    id. Where ids could tell what is right and rows are missing, all rows are made anew and
    shuffled: a pair added later would be the two youngest ids.
    """
    spare = _reuse(old, new)
    missing = [row for row in new if not row.pk]
    if missing and kind_of(question_type).ids_could_tell:
        QuestionOption.objects.filter(pk__in=[row.pk for row in old]).delete()
        for row in new:
            row.pk = None
        _insert(_in_order_of_insertion(question_type, new))
        return
    kept = [row for row in new if row.pk]
    _insert(missing)
    for row in kept:
        row.match = row.match  # takes over the id that its right has got by now
    QuestionOption.objects.bulk_update(kept, _OPTION_KEY_FIELDS)
    QuestionOption.objects.filter(pk__in=[row.pk for row in spare]).delete()


def _reuse(old: list[QuestionOption], new: list[QuestionOption]) -> list[QuestionOption]:
    """Give new options the ids of old ones and return the old ones that nobody took."""
    spare = list(old)
    for is_same in (lambda row, twin: row.option_text == twin.option_text, lambda row, twin: True):
        for row in new:
            if row.pk:
                continue
            twin = next((one for one in spare if one.side == row.side and is_same(row, one)), None)
            if twin is not None:
                row.pk = twin.pk
                spare.remove(twin)
    return spare
