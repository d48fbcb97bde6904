"""What pages of decisions share: a field for the reason, and buttons that call services."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from community.moderation.models import LONGEST_REASON
from e_learning.core.api.errors import InvalidInput
from e_learning.core.back_office import NO_PLAIN_SAVING, ButtonsOfRows, RefusalsAreTold, done_one_by_one


class WhyForm(forms.ModelForm):
    """Nothing of the row is changed: the button that is pressed carries the reason to its service."""

    why = forms.CharField(
        label=_("reason"), max_length=LONGEST_REASON, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        fields: list[str] = []


class Pressed(ButtonsOfRows, RefusalsAreTold):
    """Mixin: nothing is saved on these pages; their buttons (``actions_submit_line``) decide, with the reason given.

    A button is there for whom its permission allows, and for rows that it can change. One that is pressed on a page
    read a while ago is carried out all the same: its service refuses what was decided meanwhile, and that is told.
    """

    form = WhyForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the page is more than shown: while one of its buttons can be pressed, or was."""
        may_look = bool(self.has_view_permission(request, obj))
        is_pressed = obj is None or request.method == "POST"
        return may_look and (is_pressed or bool(self.get_actions_submit_line(request, obj.pk)))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.fields, "why"] if self.has_change_permission(request, obj) else list(self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **NO_PLAIN_SAVING})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        buttons = self.get_actions_submit_line(request, None)  # also those that this row no longer has
        pressed = next((button for button in buttons if button.action_name in request.POST), None)
        if pressed is None:
            raise InvalidInput(_("Say what is to be changed."))
        pressed.method(request, obj)
        obj.refresh_from_db()  # the page tells what became of it

    def decide_each(self, request: HttpRequest, decide: Callable[[Any], object], rows: Iterable[Any]) -> None:
        """Decide each; of any that the service refuses the refusal is told, and the rest go on."""
        decided = done_one_by_one(self, request, [(row.pk, partial(decide, row)) for row in rows])
        if decided:
            self.message_user(request, ngettext("%d decision.", "%d decisions.", decided) % decided, messages.SUCCESS)


def why(request: HttpRequest) -> str:
    """Return the reason that stands on the page; the form has judged it."""
    return request.POST.get("why", "")
