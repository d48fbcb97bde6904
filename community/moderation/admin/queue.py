"""The queue: one page on which everything that waits is decided."""

import re
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from community.moderation.models import LONGEST_REASON, Waiting
from community.moderation.selectors import (
    FLAGGED_MESSAGE,
    FLAGGED_POST,
    PENDING_POST,
    cases_of,
    waiting_in,
    within_reach_of,
)
from community.moderation.services import (
    approve_post,
    dismiss_message_flags,
    dismiss_post_flags,
    reject_post,
    remove_message,
    remove_post,
)
from e_learning.core.back_office import ReadOnly, done_one_by_one

CASES_ON_A_PAGE = 20
_LET_STAND: dict[str, Any] = {
    PENDING_POST: approve_post,
    FLAGGED_POST: dismiss_post_flags,
    FLAGGED_MESSAGE: dismiss_message_flags,
}
_TAKE_DOWN: dict[str, Any] = {
    PENDING_POST: reject_post,
    FLAGGED_POST: remove_post,
    FLAGGED_MESSAGE: remove_message,
}
_DECISIONS = {"let_stand": _LET_STAND, "take_down": _TAKE_DOWN}
_REFERENCE = re.compile(r"(pending_post|flagged_post|flagged_message):([0-9]{1,18})(?:@(\S{1,40}))?", re.ASCII)


class DecisionForm(forms.Form):
    """The same decision about everything that was chosen. What is taken down needs a reason: its author reads it."""

    decision = forms.ChoiceField(choices=[(name, name) for name in _DECISIONS])
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("reason"), "aria-label": _("reason")}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == "take_down" and given.get("reason") == "":
            self.add_error("reason", _("Say why: the person concerned reads it."))
        return given


@admin.register(Waiting)
class QueueAdmin(ReadOnly, ModelAdmin):
    """One page in place of a list: what waits, with what was said of it, decided singly or several at once."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._decide(request)
            return HttpResponseRedirect(request.get_full_path())
        user: Any = request.user
        page = Paginator(waiting_in(within_reach_of(user)), CASES_ON_A_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "page": page,
            "cases": cases_of(page),
            "decision": DecisionForm(auto_id=False),
        }
        return TemplateResponse(request, "community/queue.html", context)

    def _decide(self, request: HttpRequest) -> None:
        """Decide each of the chosen; of any that a service refuses the refusal is told, and the rest go on."""
        form = DecisionForm(request.POST)
        if not form.is_valid():
            told = [str(error) for errors in form.errors.values() for error in errors]
            self.message_user(request, " ".join(told), messages.ERROR)
            return
        chosen = list(filter(None, map(_reference, request.POST.getlist("chosen"))))
        if not chosen:
            self.message_user(request, _("Nothing was chosen."), messages.ERROR)
        services, reason = _DECISIONS[form.cleaned_data["decision"]], form.cleaned_data["reason"]
        works = [
            (
                target.get("post_id") or target.get("message_id"),
                partial(services[kind], moderator=request.user, reason=reason, **target),
            )
            for kind, target in chosen
        ]
        decided = done_one_by_one(self, request, works)
        if decided:
            self.message_user(request, ngettext("%d decision.", "%d decisions.", decided) % decided, messages.SUCCESS)


def _reference(text: str) -> tuple[str, dict[str, Any]] | None:
    """Return what kind of thing a form names, and how its services are to find it: ``Case.reference``, read back."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        return None
    kind, target_id, as_read = found.groups()
    target: dict[str, Any] = {"message_id" if kind == FLAGGED_MESSAGE else "post_id": int(target_id)}
    if as_read and kind == PENDING_POST:
        try:
            target["updated_at"] = datetime.fromisoformat(as_read)
        except ValueError:
            return None
    return kind, target
