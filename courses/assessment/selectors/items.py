"""The statistics of a quiz's questions, for those who teach it."""

from dataclasses import dataclass, field

from django.db.models import Case, Exists, F, OuterRef, When

from courses.assessment.items import Graded, Item, items_of
from courses.assessment.models import Question, QuestionType, Quiz, QuizAnswer, QuizAttempt

_CHOSEN = {QuestionType.MULTIPLE_CHOICE, QuestionType.MULTIPLE_SELECT, QuestionType.TRUE_FALSE}


@dataclass(frozen=True, slots=True)
class Choice:
    option_text: str
    is_correct: bool
    times: int


@dataclass(frozen=True, slots=True)
class QuestionStatistics:
    """How one question did; ``choices`` are there for a question whose answer is chosen from options."""

    question_id: int
    question_text: str
    question_type: str
    item: Item
    choices: list[Choice] = field(default_factory=list)


def item_statistics(quiz: Quiz) -> list[QuestionStatistics]:
    """Return how each question of the quiz did in each learner's first closed attempt, in two statements.

    The first, because whoever tries again has seen what is right. Holds keys: for owners only.
    """
    options = Question.objects.filter(quiz=quiz).order_by("order", "id", "options__order", "options__id")
    rows = list(
        options.values_list(
            "id", "question_text", "question_type", "points", "options", "options__option_text", "options__is_correct"
        )
    )
    items = items_of({row[0]: row[3] for row in rows}, _first_answers(quiz))
    told: dict[int, QuestionStatistics] = {}
    for id_, text, question_type, _points, option_id, option_text, is_correct in rows:
        one = told.setdefault(id_, QuestionStatistics(id_, text, question_type, items[id_]))
        if question_type in _CHOSEN:
            one.choices.append(Choice(option_text, is_correct, items[id_].chosen.get(option_id, 0)))
    return list(told.values())


def _first_answers(quiz: Quiz) -> list[Graded]:
    closed = QuizAttempt.objects.filter(quiz=quiz).exclude(status=QuizAttempt.Status.OPEN)
    earlier = closed.filter(user=OuterRef("user"), attempt_number__lt=OuterRef("attempt_number"))
    answers = QuizAnswer.objects.filter(attempt__in=closed.filter(~Exists(earlier)))
    points = Case(When(is_correct__isnull=False, then=F("points_earned")))
    return [Graded(*row) for row in answers.values_list("attempt_id", "question_id", points, "response")]
