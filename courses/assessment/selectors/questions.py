"""Questions, twice: as learners are shown them, and with what is right."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, When

from accounts.api import User
from courses.assessment.grading import Shown
from courses.assessment.kinds import RightAnswer, ShownOption, kind_of
from courses.assessment.models import Question, QuestionOption, QuestionType
from courses.catalogue.models import Course
from e_learning.core.api.errors import NotThere

#: The author's order of options; of an ordering question that order is the key, so its rows come as they were inserted.
_SHOWN_ORDER = Case(
    When(question__question_type=QuestionType.ORDERING, then=F("id")),
    default=F("order"),
    output_field=BigIntegerField(),
)


def questions_as_shown(*, quiz_id: int | None = None, ids: Iterable[int] = ()) -> Shown:
    """Return what a learner may see of a quiz's questions, or of those with ``ids``, in two statements.

    Names its columns one by one: no key, no explanation, no order of an ordering question, no pairing.
    """
    asked, options_of = (
        (Q(pk__in=list(ids)), Q(question_id__in=list(ids)))
        if quiz_id is None
        else (Q(quiz_id=quiz_id), Q(question__quiz_id=quiz_id))
    )
    rows = Question.objects.filter(asked).order_by("order", "id")
    questions = {row["id"]: dict(row) for row in rows.values("id", "question_text", "question_type", "points")}
    options: dict[int, list[ShownOption]] = {}
    choices = QuestionOption.objects.filter(options_of).order_by("question_id", _SHOWN_ORDER, "id")
    for row in choices.values_list("id", "question_id", "option_text", "side"):
        option = ShownOption(*row)
        options.setdefault(option.question_id, []).append(option)
    return Shown(questions, options)


def right_answers(questions: QuerySet[Question]) -> dict[int, RightAnswer]:
    """Return the questions with all that is right, by id, in their order; two statements. For graders and authors."""
    return with_options(list(questions.select_related("key")))


def with_options(questions: Sequence[Question]) -> dict[int, RightAnswer]:
    """Return questions, read with their keys, as ``right_answers`` does; one statement."""
    options: dict[int, list[QuestionOption]] = {}
    asked = [question.pk for question in questions]
    for option in QuestionOption.objects.filter(question__in=asked).order_by("order", "id"):
        options.setdefault(option.question_id, []).append(option)
    return {question.pk: RightAnswer(question, options.get(question.pk, ())) for question in questions}


def questions_owned_by(user: User, *, quiz_id: int | None = None) -> QuerySet[Question]:
    """Return the questions that ``user`` may change, with their keys; of one quiz where asked."""
    owned = Course.objects.owned_by(user)
    questions = Question.objects.filter(quiz__content__module__course__in=owned).select_related("key")
    questions = questions if quiz_id is None else questions.filter(quiz_id=quiz_id)
    return questions.order_by("quiz_id", "order", "id")


def owned_question(user: User, question_id: int) -> RightAnswer:
    answer = right_answers(questions_owned_by(user).filter(pk=question_id)).get(question_id)
    if answer is None:
        raise NotThere
    return answer


def authored_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return questions, read with their keys, as their author wrote them; one statement."""
    return [authored_question(answer) for answer in with_options(questions).values()]


def authored_question(answer: RightAnswer) -> dict[str, Any]:
    """Return a question as its author wrote it."""
    question = answer.question
    return {
        "id": question.pk,
        "quiz_id": question.quiz_id,
        "question_text": question.question_text,
        "question_type": question.question_type,
        "points": question.points,
        "order": question.order,
        "difficulty": question.difficulty,
        "topic": question.topic,
        "explanation": answer.key.explanation,
        **kind_of(question.question_type).authored(answer),
    }
