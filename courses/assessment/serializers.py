"""The words of the contract for quizzes, questions and attempts (API §3)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courses.assessment.grading import GradedAnswer, Shown
from courses.assessment.kinds import Response, ShownQuestion, as_number
from courses.assessment.kinds.arranged import MOST_OPTIONS
from courses.assessment.kinds.words import LONGEST_ANSWER, LONGEST_ESSAY, MOST_ACCEPTED
from courses.assessment.models import Question, QuestionType, Quiz, QuizAttempt
from courses.assessment.selectors import ClosedAttempt, OpenAttempt
from e_learning.core.api.paths import MOST_ID

LONGEST_TEXT = 10_000
#: A year: past any quiz, and within what a time may be moved by.
MOST_SECONDS = 366 * 24 * 3600
MOST_ANSWERS = 1000
MOST_DRAWN = 50
_QUIZ_FIELDS = ("id", "title", "passing_score", "time_limit", "max_attempts")


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_ID, **kwargs)


def _ids(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=_id(), max_length=MOST_OPTIONS, **kwargs)


# --- authoring ----------------------------------------------------------------------------------


class QuizChangesSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    passing_score = serializers.IntegerField(min_value=0, max_value=100, default=60, help_text=_("percent"))
    time_limit = serializers.IntegerField(
        min_value=1, max_value=MOST_SECONDS, allow_null=True, default=None, help_text=_("seconds, or null for none")
    )
    max_attempts = serializers.IntegerField(min_value=1, max_value=1000, allow_null=True, default=None)


class NewQuizSerializer(QuizChangesSerializer):
    content_id = _id()


class QuizSerializer(serializers.ModelSerializer[Quiz]):
    course_id = serializers.IntegerField(source="content.module.course_id")
    question_count = serializers.IntegerField()

    class Meta:
        model = Quiz
        fields = [
            "id",
            "content_id",
            "course_id",
            "title",
            "passing_score",
            "time_limit",
            "max_attempts",
            "question_count",
        ]
        read_only_fields = fields


class OptionDraftSerializer(serializers.Serializer[Any]):
    option_text = serializers.CharField(max_length=1000)
    is_correct = serializers.BooleanField(default=False)
    order = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)


class PairSerializer(serializers.Serializer[Any]):
    left = serializers.CharField(max_length=1000)
    right = serializers.CharField(max_length=1000)


class QuestionChangesSerializer(serializers.Serializer[Any]):
    """Which of the last five fields a question takes depends on its type (API §3)."""

    question_text = serializers.CharField(max_length=LONGEST_TEXT)
    question_type = serializers.ChoiceField(choices=QuestionType.choices)
    points = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    order = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    difficulty = serializers.ChoiceField(choices=Question.Difficulty.choices, default=Question.Difficulty.MEDIUM)
    topic = serializers.CharField(max_length=100, allow_blank=True, default="")
    explanation = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")
    options: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=OptionDraftSerializer(), required=False, max_length=MOST_OPTIONS
    )
    accepted_answers = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_ANSWER), required=False, max_length=MOST_ACCEPTED
    )
    number = serializers.DecimalField(max_digits=24, decimal_places=8, required=False, coerce_to_string=False)
    tolerance = serializers.DecimalField(
        max_digits=24, decimal_places=8, min_value=Decimal(0), required=False, coerce_to_string=False
    )
    pairs: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=PairSerializer(), required=False, max_length=MOST_OPTIONS
    )


class NewQuestionSerializer(QuestionChangesSerializer):
    quiz_id = _id()


class AuthoredOptionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    option_text = serializers.CharField()
    is_correct = serializers.BooleanField(required=False, help_text=_("not in an ordering question"))
    order = serializers.IntegerField()


class QuestionSerializer(serializers.Serializer[Any]):
    """A question as its author sees it (``authored_question``); the last five fields as its type has them."""

    id = serializers.IntegerField()
    quiz_id = serializers.IntegerField()
    question_text = serializers.CharField()
    question_type = serializers.ChoiceField(choices=QuestionType.choices)
    points = serializers.IntegerField()
    order = serializers.IntegerField()
    difficulty = serializers.ChoiceField(choices=Question.Difficulty.choices)
    topic = serializers.CharField(allow_blank=True)
    explanation = serializers.CharField(allow_blank=True)
    options = AuthoredOptionSerializer(many=True, required=False)
    accepted_answers = serializers.ListField(child=serializers.CharField(), required=False)
    number = serializers.FloatField(required=False, allow_null=True)
    tolerance = serializers.FloatField(required=False)
    pairs = PairSerializer(many=True, required=False)


# --- what a learner sends -----------------------------------------------------------------------


class StartSerializer(serializers.Serializer[Any]):
    quiz_id = _id()


class AssessmentSerializer(serializers.Serializer[Any]):
    """What to draw from the bank. An empty ``topic`` is every topic of the subject."""

    subject = serializers.CharField(max_length=100)
    topic = serializers.CharField(max_length=100, allow_blank=True)
    grade = serializers.CharField(max_length=20, allow_blank=True, allow_null=True, default=None)
    difficulty = serializers.ChoiceField(choices=Question.Difficulty.choices, allow_null=True, default=None)
    count = serializers.IntegerField(min_value=1, max_value=MOST_DRAWN)


class AnswerSerializer(serializers.Serializer[Any]):
    """One answer, in the one field that its question's type takes; without any, a saved one is taken back."""

    question_id = _id()
    selected_option_id = _id(required=False, allow_null=True)
    selected_option_ids = _ids(required=False, allow_null=True)
    text = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=LONGEST_ESSAY)
    number = serializers.DecimalField(
        max_digits=60, decimal_places=30, required=False, allow_null=True, coerce_to_string=False
    )
    pairs = serializers.ListField(
        child=serializers.ListField(child=_id(), min_length=2, max_length=2),
        required=False,
        allow_null=True,
        max_length=MOST_OPTIONS,
        help_text=_("[left id, right id] each"),
    )
    order = _ids(required=False, allow_null=True)


class AutosaveSerializer(serializers.Serializer[Any]):
    answers: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=AnswerSerializer(), max_length=MOST_ANSWERS
    )


class SubmitSerializer(serializers.Serializer[Any]):
    answers: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=AnswerSerializer(), max_length=MOST_ANSWERS, required=False
    )


# --- what a learner is shown --------------------------------------------------------------------


class ShownOptionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    option_text = serializers.CharField()


class ShownSideSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()


class ShownQuestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    question_text = serializers.CharField()
    question_type = serializers.ChoiceField(choices=QuestionType.choices)
    points = serializers.IntegerField()
    options = ShownOptionSerializer(many=True, required=False)
    left = ShownSideSerializer(many=True, required=False)
    right = ShownSideSerializer(many=True, required=False)


class AttemptQuizSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    passing_score = serializers.IntegerField()
    time_limit = serializers.IntegerField(allow_null=True)
    max_attempts = serializers.IntegerField(allow_null=True)


class AttemptUserSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField(allow_blank=True)


class ResponseSerializer(serializers.Serializer[Any]):
    """What was answered, in the field it came in; no field where nothing was."""

    selected_option_id = serializers.IntegerField(required=False)
    selected_option_ids = serializers.ListField(child=serializers.IntegerField(), required=False)
    text = serializers.CharField(required=False, allow_blank=True)
    number = serializers.FloatField(required=False)
    pairs = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()), required=False)
    order = serializers.ListField(child=serializers.IntegerField(), required=False)


class SavedAnswerSerializer(ResponseSerializer):
    question_id = serializers.IntegerField()


class CorrectSerializer(serializers.Serializer[Any]):
    """What would have been right, in the shape of a response; ``text`` lists all that is accepted."""

    selected_option_id = serializers.IntegerField(required=False, allow_null=True)
    selected_option_ids = serializers.ListField(child=serializers.IntegerField(), required=False)
    text = serializers.ListField(child=serializers.CharField(), required=False)
    number = serializers.FloatField(required=False, allow_null=True)
    tolerance = serializers.FloatField(required=False)
    pairs = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()), required=False)
    order = serializers.ListField(child=serializers.IntegerField(), required=False)


class GradedAnswerSerializer(serializers.Serializer[Any]):
    question_id = serializers.IntegerField()
    is_correct = serializers.BooleanField(allow_null=True, help_text=_("null while a person has to grade it"))
    points_earned = serializers.FloatField()
    correct = CorrectSerializer(allow_null=True)
    explanation = serializers.CharField(allow_blank=True)
    response = ResponseSerializer()
    feedback = serializers.CharField(allow_blank=True, help_text=_("what the person who graded it said of it"))


class AttemptSerializer(serializers.Serializer[Any]):
    """What an attempt's page says in every stage. ``status``: expired is closed at its deadline, without a submit."""

    id = serializers.IntegerField()
    attempt_number = serializers.IntegerField()
    status = serializers.ChoiceField(choices=QuizAttempt.Status.choices)
    started_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)
    quiz = AttemptQuizSerializer(allow_null=True, help_text=_("null of an assessment"))
    user = AttemptUserSerializer()


class OpenAttemptSerializer(AttemptSerializer):
    questions = ShownQuestionSerializer(many=True)
    answers = SavedAnswerSerializer(many=True, help_text=_("what was saved so far"))


class ClosedAttemptSerializer(AttemptSerializer):
    score = serializers.FloatField(help_text=_("percent, one decimal"))
    points_earned = serializers.FloatField()
    points_total = serializers.IntegerField()
    passed = serializers.BooleanField(allow_null=True, help_text=_("null of an assessment"))
    completed_at = serializers.DateTimeField()
    answers = GradedAnswerSerializer(many=True)
    progress_percent = serializers.FloatField(allow_null=True, help_text=_("null of an assessment"))


class SavedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    answers = SavedAnswerSerializer(many=True, help_text=_("what this call saved"))


def attempt_page(seen: OpenAttempt | ClosedAttempt) -> dict[str, Any]:
    """Return the body of one attempt in its stage, as Open- or ClosedAttemptSerializer describe it."""
    return _open_page(seen) if isinstance(seen, OpenAttempt) else _closed_page(seen)


def saved_answers(responses: Mapping[int, Response]) -> list[dict[str, Any]]:
    return [{"question_id": id_, **_as_sent(response)} for id_, response in sorted(responses.items()) if response]


def _about(attempt: QuizAttempt) -> dict[str, Any]:
    quiz, user = attempt.quiz, attempt.user
    return {
        "id": attempt.pk,
        "attempt_number": attempt.attempt_number,
        "status": attempt.status,
        "started_at": attempt.started_at,
        "deadline": attempt.deadline,
        "quiz": quiz and {name: getattr(quiz, name) for name in _QUIZ_FIELDS},
        "user": {"id": user.pk, "username": user.username, "full_name": user.full_name},
    }


def _open_page(seen: OpenAttempt) -> dict[str, Any]:
    asked = seen.attempt.layout["questions"]
    return {
        **_about(seen.attempt),
        "questions": [
            _shown_question(question, seen.shown) for question in asked if question["id"] in seen.shown.questions
        ],
        "answers": saved_answers(seen.saved),
    }


def _shown_question(question: ShownQuestion, shown: Shown) -> dict[str, Any]:
    options = {option.id: option for option in shown.options.get(question["id"], ())}
    page = dict(shown.questions[question["id"]])
    for part, ids in question["parts"].items():
        name = "option_text" if part == "options" else "text"
        page[part] = [{"id": id_, name: options[id_].option_text} for id_ in ids if id_ in options]
    return page


def _closed_page(seen: ClosedAttempt) -> dict[str, Any]:
    attempt = seen.attempt
    return {
        **_about(attempt),
        "score": float(attempt.score or 0),
        "points_earned": as_number(attempt.points_earned),
        "points_total": attempt.points_total,
        "passed": attempt.passed,
        "completed_at": attempt.completed_at,
        "answers": [_graded_answer(answer) for answer in seen.answers],
        "progress_percent": seen.progress_percent,
    }


def _graded_answer(answer: GradedAnswer) -> dict[str, Any]:
    return {
        "question_id": answer.question_id,
        "is_correct": answer.is_correct,
        "points_earned": as_number(answer.points_earned),
        "correct": answer.correct,
        "explanation": answer.explanation,
        "response": _as_sent(answer.response),
        "feedback": answer.feedback,
    }


def _as_sent(response: Response) -> dict[str, Any]:
    """Numbers are kept as decimal text, exactly as they were meant, and go out as JSON numbers."""
    return {name: as_number(Decimal(value)) if name == "number" else value for name, value in response.items()}
