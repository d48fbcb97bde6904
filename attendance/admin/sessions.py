"""Live sessions in the back office: planned, changed and cancelled by the services of the API."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet, URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from attendance.admin.code_page import CodePage
from attendance.admin.pages import OwnClock, RefusableForm, RefusalsStay
from attendance.admin.roll_page import RollPage
from attendance.models import LiveSession, Status
from attendance.services.planning import Scope, cancel_session, change_session, plan_session
from e_learning.core.api.errors import InvalidInput
from e_learning.core.back_office import ButtonsOfRows, OwnRows

_PLACE: Final = ("latitude", "longitude", "radius_m")
_TIMES: Final = ("check_in_opens", "late_after", "check_in_closes")
#: Columns that are called in the API what they are called here.
_SAME: Final = (
    "title",
    "kind",
    "mode",
    "starts_at",
    "ends_at",
    *_TIMES,
    "minimum_minutes",
    "minimum_percent",
    "meeting_url",
)
_COLUMNS: Final = [*_SAME, *_PLACE, "linked_content"]
_SHOWN: Final = ["course", "state", "cancel_reason", "series"]


class SessionForm(RefusableForm):
    """A session as it is planned or changed. Times of check-in that are left out come from the course's policy."""

    recurrence = forms.CharField(
        label=_("rule"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For a class that recurs, as calendars write it: FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10."),
    )
    scope = forms.ChoiceField(
        label=_("which sessions"),
        choices=Scope.choices,
        required=False,
        initial=Scope.THIS,
        widget=UnfoldAdminSelectWidget,
    )
    why = forms.CharField(
        label=_("why it is cancelled"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Only to cancel it. Learners read this."),
    )

    class Meta:
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _TIMES:
            if name in self.fields:  # not on a page that is only shown
                self.fields[name].required = bool(self.instance.pk)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        place = [given.get(name) is None for name in _PLACE]
        if any(place) and not all(place):
            self.add_error(_PLACE[place.index(True)], _("A place has all three: latitude, longitude and radius."))
        return given

    def validate_constraints(self) -> None:
        """Left to the service: it works on the row as it is, and names what is wrong in words."""

    def values(self) -> dict[str, Any]:
        """Return what the services take: what was filled in of a new session, what was changed of one that is there."""
        given = self.cleaned_data
        named = self.changed_data if self.instance.pk else [name for name in given if given[name] not in (None, "")]
        values: dict[str, Any] = {name: given[name] for name in _SAME if name in named}
        if "linked_content" in named:
            values["linked_content_id"] = given["linked_content"].pk if given["linked_content"] else None
        if not set(_PLACE).isdisjoint(named):
            place = {name: given[name] for name in _PLACE}
            values["location"] = place if place["latitude"] is not None else None
        if given.get("recurrence"):
            values["recurrence"] = given["recurrence"]
        return values


@admin.register(LiveSession)
class LiveSessionAdmin(CodePage, RollPage, RefusalsStay, OwnClock, ButtonsOfRows, OwnRows):
    """Times are those of the signed-in person's clock. A session is never deleted: it is cancelled, with a reason."""

    owner_path = "course__instructor"
    form = SessionForm
    list_display = ["title", "course", "starts_at", "mode", "state", "there", "away"]
    list_filter = ["state", "mode", "kind"]
    list_select_related = ["course"]
    search_fields = ["title", "course__title"]
    date_hierarchy = "starts_at"
    autocomplete_fields = ["course", "linked_content"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    actions_submit_line = ["cancel"]
    actions_detail = ["code", "roll"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveSession]:
        rows: QuerySet[LiveSession] = super().get_queryset(request)
        came = Q(records__status__in=[Status.PRESENT, Status.LATE])
        stayed_away = Q(records__status__in=[Status.ABSENT, Status.EXCUSED])
        return rows.annotate(came=Count("records", filter=came), stayed_away=Count("records", filter=stayed_away))

    @admin.display(description=_("there"), ordering="came")
    def there(self, session: Any) -> int:
        return int(session.came)

    @admin.display(description=_("away"), ordering="stayed_away")
    def away(self, session: Any) -> int:
        return int(session.stayed_away)

    # --- who may do what ----------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LiveSession | None = None) -> bool:
        may_change = bool(super().has_change_permission(request, obj))
        return may_change and (obj is None or obj.is_standing or request.method == "POST")

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        standing = LiveSession.objects.standing()
        return self.has_change_permission(request) and (object_id is None or standing.filter(pk=object_id).exists())

    # --- the form -----------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: LiveSession | None = None) -> list[str]:
        if obj is None:
            return ["course", *_COLUMNS, "recurrence"]
        if not self.has_change_permission(request, obj):
            return [*_SHOWN, *_COLUMNS]
        scope = ["scope"] if obj.series_id is not None else []
        return [*_SHOWN, *_COLUMNS, "recurrence", *scope, "why"]

    def get_readonly_fields(self, request: HttpRequest, obj: LiveSession | None = None) -> list[str]:
        return _SHOWN if obj else []

    def save_model(self, request: HttpRequest, obj: LiveSession, form: Any, change: bool) -> None:
        """Give the work to the service that is meant. The row itself is written by services only."""
        user: Any = request.user
        if not change:
            made = plan_session(owner=user, course_id=form.cleaned_data["course"].pk, values=form.values())
            obj.__dict__.update(made.__dict__)
            return
        scope = form.cleaned_data.get("scope") or Scope.THIS
        if any(button.action_name in request.POST for button in self.get_actions_submit_line(request, None)):
            if not form.cleaned_data["why"]:
                raise InvalidInput(_("Say why it is cancelled: learners read it."), attr="why")
            cancel_session(owner=user, session_id=obj.pk, scope=scope, reason=form.cleaned_data["why"])
        else:
            change_session(owner=user, session_id=obj.pk, values=form.values(), scope=scope)
        obj.refresh_from_db()  # the page tells what became of it

    @action(description=_("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, obj: LiveSession) -> None:
        """A button only: ``save_model`` carries it out, with the scope and the reason of the form."""
