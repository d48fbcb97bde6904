"""Excuses in the back office: those that wait are decided, with a note that the learner reads."""

from functools import partial
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from attendance.admin.pages import OwnClock, RefusableForm, RefusalsStay
from attendance.models import Excuse
from attendance.services.excusing import decide_excuse
from e_learning.core.api.errors import InvalidInput
from e_learning.core.back_office import NO_PLAIN_SAVING, ButtonsOfRows, NothingAdded, OwnRows, done_one_by_one

_BUTTONS: Final = {
    "attendance_excuse_approve": Excuse.State.APPROVED,
    "attendance_excuse_reject": Excuse.State.REJECTED,
}


class ExcuseForm(RefusableForm):
    class Meta:
        model = Excuse
        fields = ["note"]


@admin.register(Excuse)
class ExcuseAdmin(NothingAdded, RefusalsStay, OwnClock, ButtonsOfRows, OwnRows):
    """Learners ask over the API; whoever teaches decides, once. What is approved goes into the register."""

    owner_path = "session__course__instructor"
    form = ExcuseForm
    list_display = ["asked_at", "user", "session", "starts_at", "reason", "state", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["user", "session", "decided_by"]
    search_fields = ["user__username", "user__full_name", "user__email", "session__title", "reason"]
    date_hierarchy = "asked_at"
    fields = ["session", "user", "reason", "state", "asked_at", "decided_at", "decided_by", "note"]
    readonly_fields = [name for name in fields if name != "note"]
    actions = ["approve_chosen", "reject_chosen"]
    actions_submit_line = ["approve", "reject"]

    @admin.display(description=_("starts"), ordering="session__starts_at")
    def starts_at(self, excuse: Excuse) -> Any:
        return excuse.session.starts_at

    # --- who may do what: whoever sees an excuse keeps the register it is about -----------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Excuse | None = None) -> bool:
        waits = obj is None or obj.state == Excuse.State.REQUESTED or request.method == "POST"
        return waits and bool(self.has_view_permission(request, obj))

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        waiting = Excuse.objects.filter(state=Excuse.State.REQUESTED)
        return self.has_view_permission(request) and (object_id is None or waiting.filter(pk=object_id).exists())

    # --- on its page ----------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **NO_PLAIN_SAVING})

    def save_model(self, request: HttpRequest, obj: Excuse, form: Any, change: bool) -> None:
        """Decide as the pressed button says, also where its page is old: the service refuses what was decided."""
        decision = next((decision for button, decision in _BUTTONS.items() if button in request.POST), None)
        if decision is None:
            raise InvalidInput(_("Approve it, or reject it."))
        self._decide(request, obj, decision, form.cleaned_data["note"])
        obj.refresh_from_db()  # the page tells what became of it

    @action(description=_("Approve"), permissions=["decide"])
    def approve(self, request: HttpRequest, obj: Excuse) -> None:
        """A button only: ``save_model`` carries it out."""

    @action(description=_("Reject"), permissions=["decide"])
    def reject(self, request: HttpRequest, obj: Excuse) -> None:
        """A button only: ``save_model`` carries it out."""

    # --- of several at once: without a note -----------------------------------------------------------

    @admin.action(description=_("Approve selected excuses"), permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Excuse]) -> None:
        self._decide_each(request, queryset, Excuse.State.APPROVED)

    @admin.action(description=_("Reject selected excuses"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Excuse]) -> None:
        self._decide_each(request, queryset, Excuse.State.REJECTED)

    def _decide_each(self, request: HttpRequest, queryset: QuerySet[Excuse], decision: str) -> None:
        works = [(excuse.pk, partial(self._decide, request, excuse, decision)) for excuse in queryset.order_by("pk")]
        decided = done_one_by_one(self, request, works)
        if decided:
            told = ngettext("%d excuse was decided.", "%d excuses were decided.", decided) % decided
            self.message_user(request, told, messages.SUCCESS)

    def _decide(self, request: HttpRequest, excuse: Excuse, decision: str, note: str = "") -> None:
        user: Any = request.user
        decide_excuse(owner=user, session_id=excuse.session_id, user_id=excuse.user_id, decision=decision, note=note)
