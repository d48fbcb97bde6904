"""The words of the contract for generation (API §6)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from chatbot.generation.bodies import as_json
from chatbot.generation.models import Draft, Job
from courses.api import QuestionChangesSerializer, QuestionSerializer, check_question
from e_learning.core.api.paths import MOST_ID

MOST_DRAFTS = 50
LONGEST_SUMMARY = 10_000
LONGEST_SIDE = 1000
_QUESTION: Any = QuestionChangesSerializer().fields
#: What can be graded without a person.
GRADABLE = [(name, label) for name, label in _QUESTION["question_type"].choices.items() if name != "essay"]
DIFFICULTIES = list(_QUESTION["difficulty"].choices.items())


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_ID, **kwargs)


# --- asking -------------------------------------------------------------------------------------
class GenerateSerializer(serializers.Serializer[Any]):
    """Exactly one of ``content_id`` and ``course_id``. A summary is one a content, whatever ``count`` says."""

    content_id = _id(required=False)
    course_id = _id(required=False)
    kind = serializers.ChoiceField(choices=Job.Kind.choices)
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES, default="medium")
    count = serializers.IntegerField(min_value=1, max_value=MOST_DRAFTS, default=10)
    question_types = serializers.ListField(
        child=serializers.ChoiceField(choices=GRADABLE),
        required=False,
        max_length=len(GRADABLE),
        help_text=_("of questions; without any, every type that can be graded without a person"),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("content_id" in attrs) == ("course_id" in attrs):
            raise serializers.ValidationError(_("Give either content_id or course_id."), code="content_or_course")
        if attrs.get("question_types") and attrs["kind"] != Job.Kind.QUESTIONS:
            refusal = {"question_types": _("Only questions have types.")}
            raise serializers.ValidationError(refusal, code="not_for_this_kind")
        return attrs


class JobQueuedSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField()


# --- deciding -----------------------------------------------------------------------------------
class AcceptedDraftSerializer(QuestionChangesSerializer):
    """A draft and what was edited of it: of a question, of a summary its ``text``, of a card ``front`` and ``back``."""

    id = _id()
    text = serializers.CharField(max_length=LONGEST_SUMMARY)
    front = serializers.CharField(max_length=LONGEST_SIDE)
    back = serializers.CharField(max_length=LONGEST_SIDE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name != "id":
                field.required, field.default = False, empty


class AcceptSerializer(serializers.Serializer[Any]):
    """``quiz_id`` for questions."""

    quiz_id = _id(required=False, allow_null=True)
    drafts: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=AcceptedDraftSerializer(), min_length=1, max_length=500
    )


class AcceptedSerializer(serializers.Serializer[Any]):
    questions = QuestionSerializer(many=True)


class RejectDraftsSerializer(serializers.Serializer[Any]):
    drafts = serializers.ListField(child=_id(), min_length=1, max_length=500)


# --- jobs ---------------------------------------------------------------------------------------
class JobSerializer(serializers.ModelSerializer[Job]):
    percent = serializers.IntegerField()
    error = serializers.CharField(help_text=_("why it failed, '' where it did not"))
    refused = serializers.DictField(child=serializers.IntegerField(), help_text=_("by rule, how many drafts"))

    class Meta:
        model = Job
        fields = [
            "id", "course_id", "content_id", "kind", "difficulty", "question_types", "count", "topic", "status",
            "percent", "error", "refused", "created_at", "finished_at",
        ]  # fmt: skip


class DraftSerializer(AcceptedDraftSerializer):
    """With a question as its author writes it, the ``text`` of a summary, or ``front`` and ``back`` of a card."""

    number = serializers.FloatField()  # type: ignore[assignment]  # as JSON has it
    tolerance = serializers.FloatField()  # type: ignore[assignment]  # as JSON has it
    content_id = serializers.IntegerField()
    quote = serializers.CharField(help_text=_("word for word from the content"))
    is_by_rule = serializers.BooleanField(help_text=_("no model wrote it"))
    status = serializers.ChoiceField(choices=Draft.Status.choices)
    question_id = serializers.IntegerField(allow_null=True, help_text=_("the question that it became"))


class ResultSerializer(serializers.Serializer[Any]):
    drafts = DraftSerializer(many=True)


class JobDetailSerializer(JobSerializer):
    """With the drafts made so far."""

    result = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "result"]

    @extend_schema_field(ResultSerializer)
    def get_result(self, job: Job) -> Any:
        return {"drafts": [_draft(draft) for draft in job.drafts.all()]}


def _draft(draft: Draft) -> dict[str, Any]:
    about = {
        name: getattr(draft, name) for name in ("id", "content_id", "quote", "is_by_rule", "status", "question_id")
    }
    return {**draft.body, **about}


# --- bodies -------------------------------------------------------------------------------------
class SummaryBodySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST_SUMMARY)


class CardBodySerializer(serializers.Serializer[Any]):
    front = serializers.CharField(max_length=LONGEST_SIDE)
    back = serializers.CharField(max_length=LONGEST_SIDE)


_BODIES: dict[str, type[serializers.Serializer[Any]]] = {
    Job.Kind.QUESTIONS: QuestionChangesSerializer,
    Job.Kind.SUMMARY: SummaryBodySerializer,
    Job.Kind.FLASHCARDS: CardBodySerializer,
}


def checked_body(kind: str, body: Any) -> dict[str, Any]:
    """Return the body of a draft as it may be stored; raises DRF's ``ValidationError``, or refuses with 400."""
    given = _BODIES[kind](data=body)
    given.is_valid(raise_exception=True)
    if kind == Job.Kind.QUESTIONS:
        check_question(given.validated_data)
    return as_json(given.validated_data)


# --- studying -----------------------------------------------------------------------------------
class StudySerializer(serializers.Serializer[Any]):
    summary = serializers.CharField(allow_blank=True)
    flashcards = CardBodySerializer(many=True)
