"""Quizzes and attempts in the back office.

Questions are written through the API, where a question that could not be graded is refused and rows
are inserted so that ids tell nothing; here their texts and explanations are mended.
"""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from courses.assessment.models import AnswerKey, EssayAnswer, Question, QuestionOption, Quiz, QuizAnswer, QuizAttempt
from courses.assessment.selectors import essays_owned_by, item_statistics, most_points_for
from courses.assessment.services import (
    PointsOutOfRange,
    check_points,
    delete_question,
    delete_quiz,
    extend_deadlines,
    grade_essay,
)
from courses.catalogue.admin import OwnedAdmin
from courses.catalogue.services import touch_course
from e_learning.core.back_office import NothingAdded, OwnRows, ReadOnly

_TEN_MINUTES = 600


@admin.register(Quiz)
class QuizAdmin(NothingAdded, OwnedAdmin):
    owner_path = "content__module__course__instructor"
    list_display = ["title", "course", "passing_score", "time_limit", "max_attempts", "question_count"]
    list_select_related = ["content__module__course"]
    search_fields = ["title", "content__module__course__title"]
    fields = ["content", "title", "passing_score", "time_limit", "max_attempts", "how_questions_did"]
    readonly_fields = ["content", "how_questions_did"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        rows: QuerySet[Quiz] = super().get_queryset(request)
        return rows.annotate(counted=Count("questions"))

    @admin.display(description=_("course"), ordering="content__module__course__title")
    def course(self, quiz: Quiz) -> str:
        return quiz.content.module.course.title

    @admin.display(description=_("questions"), ordering="counted")
    def question_count(self, quiz: Any) -> int:
        return int(quiz.counted)

    def delete_model(self, request: HttpRequest, obj: Quiz) -> None:
        user: Any = request.user
        delete_quiz(author=user, quiz_id=obj.pk)

    @admin.display(description=_("how its questions did"))
    def how_questions_did(self, quiz: Quiz) -> str:
        """By each learner's first attempt; what the figures mean is in ``courses.assessment.items``."""
        return render_to_string("courses/item_statistics.html", {"questions": item_statistics(quiz)})

    def save_model(self, request: HttpRequest, obj: Quiz, form: "ModelForm[Quiz]", change: bool) -> None:
        super().save_model(request, obj, form, change)
        touch_course(obj.content.module.course_id)


class OptionInline(NothingAdded, TabularInline):
    model = QuestionOption
    fk_name = "question"
    fields = ["option_text", "side", "is_correct", "match", "order"]
    readonly_fields = ["side", "is_correct", "match", "order"]
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionOption]:
        rows: QuerySet[QuestionOption] = super().get_queryset(request)
        return rows.select_related("match")


class KeyInline(NothingAdded, StackedInline):
    model = AnswerKey
    fields = ["explanation", "accepted_answers", "number", "tolerance"]
    readonly_fields = ["accepted_answers", "number", "tolerance"]
    can_delete = False


@admin.register(Question)
class QuestionAdmin(NothingAdded, OwnedAdmin):
    owner_path = "quiz__content__module__course__instructor"
    list_display = ["__str__", "quiz", "question_type", "points", "difficulty", "topic"]
    list_filter = ["question_type", "difficulty"]
    list_select_related = ["quiz"]
    search_fields = ["question_text", "topic", "quiz__title"]
    readonly_fields = ["quiz", "question_type", "external_id"]
    inlines = [OptionInline, KeyInline]

    def delete_model(self, request: HttpRequest, obj: Question) -> None:
        user: Any = request.user
        delete_question(author=user, question_id=obj.pk)

    def save_model(self, request: HttpRequest, obj: Question, form: "ModelForm[Question]", change: bool) -> None:
        super().save_model(request, obj, form, change)
        touch_course(obj.quiz.content.module.course_id)


class AnswerInline(ReadOnly, TabularInline):
    model = QuizAnswer
    fields = ["question", "response", "is_correct", "points_earned", "feedback"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuizAnswer]:
        rows: QuerySet[QuizAnswer] = super().get_queryset(request)
        return rows.select_related("question")


@admin.register(QuizAttempt)
class QuizAttemptAdmin(ReadOnly, OwnRows, ModelAdmin):
    owner_path = "quiz__content__module__course__instructor"
    list_display = ["user", "quiz", "attempt_number", "status", "score", "passed", "started_at", "completed_at"]
    list_filter = ["status", "passed"]
    list_select_related = ["user", "quiz"]
    search_fields = ["user__email", "user__username", "quiz__title"]
    date_hierarchy = "started_at"
    exclude = ["layout"]
    inlines = [AnswerInline]
    actions = ["give_ten_minutes"]

    def has_time_permission(self, request: HttpRequest) -> bool:
        """More time is given by those who may set a quiz's time."""
        return bool(request.user.has_perm("courses.change_quiz"))

    @admin.action(description=_("Give ten more minutes"), permissions=["time"])
    def give_ten_minutes(self, request: HttpRequest, queryset: QuerySet[QuizAttempt]) -> None:
        user: Any = request.user
        count = extend_deadlines(
            author=user, attempt_ids=list(queryset.values_list("pk", flat=True)), seconds=_TEN_MINUTES
        )
        said = ngettext("%d attempt got ten more minutes.", "%d attempts got ten more minutes.", count) % count
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("to be graded")), ("graded", _("graded"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"waiting", "graded"}:
            return queryset
        return queryset.filter(is_correct__isnull=self.value() == "waiting")


class EssayForm(ModelForm):
    """Refuses the points that ``grade_essay`` would. One that waits has none filled in: nobody saves a 0 unawares."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.is_correct is None:
            self.initial["points_earned"] = None

    def clean_points_earned(self) -> Decimal:
        points: Decimal = self.cleaned_data["points_earned"]
        try:
            check_points(self.instance, points)
        except PointsOutOfRange as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal
        return points


@admin.register(EssayAnswer)
class EssayAdmin(NothingAdded, ModelAdmin):
    """Essays that were handed in; those nobody has graded yet come first, the longest waiting before others."""

    form = EssayForm
    list_display = ["question", "learner", "quiz", "handed_in", "is_graded", "points"]
    list_filter = [StateFilter]
    search_fields = ["question__question_text", "attempt__user__username", "attempt__user__full_name"]
    ordering = [F("is_correct").asc(nulls_first=True), "attempt__completed_at", "id"]
    fields = ["question", "learner", "handed_in", "text", "most", "points_earned", "feedback"]
    readonly_fields = ["question", "learner", "handed_in", "text", "most"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EssayAnswer]:
        user: Any = request.user
        return essays_owned_by(user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: EssayAnswer, form: Any, change: bool) -> None:
        user: Any = request.user
        given = form.cleaned_data
        grade_essay(grader=user, answer_id=obj.pk, points=given["points_earned"], feedback=given["feedback"])

    @admin.display(description=_("learner"), ordering="attempt__user__username")
    def learner(self, essay: EssayAnswer) -> str:
        return str(essay.attempt.user)

    @admin.display(description=_("quiz"))
    def quiz(self, essay: EssayAnswer) -> str:
        return str(essay.attempt.quiz or _("assessment"))

    @admin.display(description=_("handed in"), ordering="attempt__completed_at")
    def handed_in(self, essay: EssayAnswer) -> Any:
        return essay.attempt.completed_at

    @admin.display(description=_("graded"), boolean=True)
    def is_graded(self, essay: EssayAnswer) -> bool:
        return essay.is_correct is not None

    @admin.display(description=_("points"))
    def points(self, essay: EssayAnswer) -> str:
        return f"{essay.points_earned.normalize():f} / {essay.question.points}"

    @admin.display(description=_("text"))
    def text(self, essay: EssayAnswer) -> str:
        return format_html('<div style="white-space: pre-wrap">{}</div>', essay.response.get("text", ""))

    @admin.display(description=_("points to give"))
    def most(self, essay: EssayAnswer) -> str:
        return f"{most_points_for(essay).normalize():f}"
