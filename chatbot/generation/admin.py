"""Jobs and drafts in the back office, where they may be read, edited, accepted and rejected too."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework.exceptions import ValidationError as Malformed
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from chatbot.generation.models import Draft, Job
from chatbot.generation.serializers import checked_body
from chatbot.generation.services import accept_drafts, edit_draft, reject_drafts
from courses.api import quizzes_of_course
from e_learning.core.api.errors import ApiError, render_error
from e_learning.core.back_office import ButtonsOfRows, NothingAdded, OwnRows, ReadOnly, RefusalsAreTold, done_one_by_one


class DraftInline(ReadOnly, TabularInline):
    model = Draft
    fields = ["order", "says", "status", "is_by_rule"]
    readonly_fields = fields
    show_change_link = True
    extra = 0

    @admin.display(description=_("draft"))
    def says(self, draft: Draft) -> str:
        return _said_by(draft)


@admin.register(Job)
class JobAdmin(ReadOnly, OwnRows):
    """What was asked for, and how far it is. Drafts are decided on their own pages."""

    owner_path = "course__instructor"
    list_display = ["__str__", "course", "content", "topic", "status", "done", "error", "asked_by", "created_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["course", "content", "asked_by"]
    search_fields = ["course__title", "content__title", "topic"]
    date_hierarchy = "created_at"
    fields = [
        "course", "content", "topic", "kind", "difficulty", "question_types", "count", "status", "done", "error",
        "refused", "asked_by", "created_at", "finished_at",
    ]  # fmt: skip
    readonly_fields = ["done"]
    inlines: ClassVar[list[Any]] = [DraftInline]

    @admin.display(description=_("percent done"))
    def done(self, job: Job) -> int:
        return job.percent


class DraftForm(forms.ModelForm):
    """A draft's body as JSON, and for a question the quiz that it may go to."""

    quiz = forms.TypedChoiceField(
        label=_("quiz"), required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Draft
        fields = ["body"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "quiz" in self.fields:
            quizzes: Any = [("", "---------"), *quizzes_of_course(self.instance.job.course_id)]
            self.fields["quiz"].choices = quizzes  # type: ignore[attr-defined]  # a choice field's

    def clean_body(self) -> dict[str, Any]:
        try:
            return checked_body(self.instance.job.kind, self.cleaned_data["body"])
        except (ApiError, Malformed) as refusal:
            rendered = render_error(refusal)
            errors = rendered.body["errors"] if rendered else []
            raise ValidationError([f"{error['attr']}: {error['detail']}" for error in errors]) from refusal


@admin.register(Draft)
class DraftAdmin(NothingAdded, ButtonsOfRows, RefusalsAreTold, OwnRows):
    """Drafts that wait are edited here, accepted into a quiz, or rejected; what is decided stays as it is."""

    owner_path = "job__course__instructor"
    form = DraftForm
    list_display = ["says", "course", "content", "kind", "status", "is_by_rule", "decided_by"]
    list_filter = ["status", "job__kind", "is_by_rule"]
    list_select_related = ["job__course", "content", "decided_by"]
    search_fields = ["job__course__title", "content__title", "quote"]
    ordering = ["-job_id", "order"]
    fields = ["job", "content", "body", "quote", "is_by_rule", "quiz", "status", "decided_by", "decided_at"]
    readonly_fields = ["job", "content", "quote", "is_by_rule", "status", "decided_by", "decided_at"]
    actions = ["reject_chosen"]
    actions_submit_line = ["accept", "reject"]

    # --- what is shown ------------------------------------------------------------------------------

    @admin.display(description=_("draft"))
    def says(self, draft: Draft) -> str:
        return _said_by(draft)

    @admin.display(description=_("course"), ordering="job__course__title")
    def course(self, draft: Draft) -> str:
        return str(draft.job.course)

    @admin.display(description=_("kind"), ordering="job__kind")
    def kind(self, draft: Draft) -> str:
        return draft.job.get_kind_display()

    def get_fields(self, request: HttpRequest, obj: Draft | None = None) -> Any:
        is_to_be_asked = (
            obj is not None and self.has_change_permission(request, obj) and obj.job.kind == Job.Kind.QUESTIONS
        )
        return [name for name in self.fields or () if name != "quiz" or is_to_be_asked]

    # --- who may do what ----------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.status == Draft.Status.WAITING)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        waits = object_id is None or Draft.objects.filter(pk=object_id, status=Draft.Status.WAITING).exists()
        return super().has_change_permission(request) and waits

    # --- the page -----------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Draft, form: Any, change: bool) -> None:
        """Keep what was edited, then do what the pressed button says. The row itself is written by services only."""
        user: Any = request.user
        edit_draft(user=user, draft_id=obj.pk, body=form.cleaned_data["body"])
        obj.quiz_id = form.cleaned_data.get("quiz")  # type: ignore[attr-defined]  # told to the button
        for pressed in self.get_actions_submit_line(request, obj.pk):
            if pressed.action_name in request.POST:
                pressed.method(request, obj)
        obj.refresh_from_db()  # the page tells what became of it

    @action(description=_("Accept"), permissions=["decide"])
    def accept(self, request: HttpRequest, obj: Any) -> None:
        user: Any = request.user
        accept_drafts(user=user, job_id=obj.job_id, quiz_id=obj.quiz_id, drafts=[{"id": obj.pk}])

    @action(description=_("Reject"), permissions=["decide"])
    def reject(self, request: HttpRequest, obj: Draft) -> None:
        user: Any = request.user
        reject_drafts(user=user, job_id=obj.job_id, drafts=[obj.pk])

    # --- of several at once -------------------------------------------------------------------------

    @admin.action(description=_("Reject selected drafts"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Draft]) -> None:
        """Reject each that may be; of any other the refusal is told, and the rest go on."""
        user: Any = request.user
        drafts = queryset.order_by("pk")
        works = [(draft, partial(reject_drafts, user=user, job_id=draft.job_id, drafts=[draft.pk])) for draft in drafts]
        rejected = done_one_by_one(self, request, works)
        if rejected:
            told = ngettext("%d draft rejected.", "%d drafts rejected.", rejected) % rejected
            self.message_user(request, told, messages.SUCCESS)


def _said_by(draft: Draft) -> str:
    """Return the words of a draft by which one knows it, cut where a list has no room."""
    body = draft.body
    return str(body.get("question_text") or body.get("front") or body.get("text") or draft.pk)[:80]
