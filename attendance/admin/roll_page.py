"""The roll as a page: the class with what the register says, and a form to set it by hand."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from attendance.admin.pages import KeptSession, clock_of, rendered
from attendance.folding import BY_HAND
from attendance.models import Excuse, LiveSession, Status
from attendance.selectors.roll import RollRow, roll_of
from attendance.services.marking import Mark, mark_roll
from e_learning.core.api.errors import ApiError
from e_learning.core.api.paths import MOST_ID

#: Six fields a row, and a request has at most 2,000.
ROWS_ON_A_PAGE: Final = 100
_STATES: Final = {state.value: state.label for state in Excuse.State}
_FLAGS: Final[Mapping[str, str | Promise]] = {
    "too_far": _("too far away"),
    "device_in_use": _("somebody else's device"),
    "second_device": _("a second device"),
    "offline": _("made offline"),
}


class MarkForm(forms.Form):
    """What is set by hand for one learner. What the page showed is sent along: only what was changed is a mark."""

    user_id = forms.IntegerField(min_value=1, max_value=MOST_ID, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, max_value=MOST_ID, widget=forms.HiddenInput)
    status = forms.ChoiceField(
        choices=[("", _("not set by hand")), *Status.choices],
        required=False,
        show_hidden_initial=True,
        widget=UnfoldAdminSelectWidget(attrs={"aria-label": _("status")}),
    )
    note = forms.CharField(
        max_length=500,
        required=False,
        show_hidden_initial=True,
        widget=UnfoldAdminTextInputWidget(attrs={"aria-label": _("note")}),
    )

    @property
    def is_mark(self) -> bool:
        return not {"status", "note"}.isdisjoint(self.changed_data)

    def mark(self) -> Mark:
        given = self.cleaned_data
        note = given["note"] if "note" in self.changed_data else None
        return Mark(user_id=given["user_id"], status=given["status"], note=note, version=given["version"])


Marks = forms.formset_factory(MarkForm, extra=0, max_num=ROWS_ON_A_PAGE, absolute_max=ROWS_ON_A_PAGE)


class RollPage(KeptSession):
    """Mixin: ``…/{id}/roll/`` for who may keep the session's register."""

    @action(description=_("Roll"), url_path="roll", permissions=["keep"])
    def roll(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        session = self.session_kept(request, object_id)
        if request.method == "POST":
            self._mark(request, session)
            return HttpResponseRedirect(request.get_full_path())
        roll = roll_of(session)
        page = Paginator(roll.rows, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
        marks = _marks(page) if session.is_standing else None
        context = {
            **self.admin_site.each_context(request),
            "title": session.title,
            "opts": self.opts,
            "session": session,
            "counts": [(status.label, roll.counts[status.value]) for status in Status],
            "total": roll.counts["total"],
            "page": page,
            "marks": marks,
            "lines": _lines(page, marks or []),
        }
        with timezone.override(clock_of(request)):
            return rendered(TemplateResponse(request, "attendance/roll.html", context))

    def _mark(self, request: HttpRequest, session: LiveSession) -> None:
        """Set all that was changed, or nothing of it; what stands in the way is told."""
        marks, user = Marks(request.POST), request.user
        if not marks.is_valid():
            errors = [str(error) for form in marks.forms for told in form.errors.values() for error in told]
            self.message_user(request, " ".join([*errors, *map(str, marks.non_form_errors())]), messages.ERROR)
            return
        changed = [form.mark() for form in marks if form.is_mark]
        if not changed:
            self.message_user(request, _("Nothing was changed."), messages.WARNING)
            return
        try:
            mark_roll(owner=user, session_id=session.pk, marks=changed)  # type: ignore[arg-type]  # staff is signed in
        except ApiError as refusal:
            self.message_user(request, str(refusal.message), messages.ERROR)
            return
        told = ngettext("%d learner was marked.", "%d learners were marked.", len(changed)) % len(changed)
        self.message_user(request, told, messages.SUCCESS)


def _marks(page: Iterable[RollRow]) -> Any:
    return Marks(
        initial=[
            {
                "user_id": row.user_id,
                "version": row.version,
                "status": (row.status or "") if row.reason == BY_HAND else "",
                "note": row.note,
            }
            for row in page
        ]
    )


def _lines(page: Iterable[RollRow], marks: Iterable[MarkForm]) -> list[dict[str, Any]]:
    """Return what the page says of each learner, in words, with the form to mark them."""
    return [
        {
            "row": row,
            "mark": mark,
            "status": Status(row.status).label if row.status else "–",
            "flags": [_FLAGS.get(flag, flag) for flag in row.flags],
            "excuse": _STATES[row.excuse.state] if row.excuse else "",
        }
        for row, mark in zip_longest(page, marks)
    ]
