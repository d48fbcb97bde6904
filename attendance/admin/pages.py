"""What pages of attendance share: the clock they show, and how they tell what a service refuses."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from attendance.models import LiveSession
from e_learning.core.api.errors import ApiError
from e_learning.core.back_office import is_row_id


class OwnClock(ModelAdmin):
    """Mixin: times are shown and typed on the clock of who is signed in: a class at nine is planned at nine."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        with timezone.override(clock_of(request)):
            return rendered(super().changelist_view(request, extra_context))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        with timezone.override(clock_of(request)):
            return rendered(super().changeform_view(request, object_id, form_url, extra_context))


class KeptSession(ModelAdmin):
    """Mixin of the pages of one session, for who keeps its register."""

    def has_keep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether they keep registers at all; which sessions are theirs, says ``get_queryset``."""
        return bool(self.has_change_permission(request))

    def session_kept(self, request: HttpRequest, object_id: str) -> LiveSession:
        """Return the session: 403 to who keeps no register, 404 for what is no session, or somebody else's."""
        if not self.has_keep_permission(request):
            raise PermissionDenied
        session: LiveSession | None = self.get_object(request, object_id) if is_row_id(object_id) else None
        if session is None:
            raise Http404
        return session


def clock_of(request: HttpRequest) -> str:
    user: Any = request.user
    return str(user.timezone)


def rendered(page: HttpResponseBase) -> HttpResponseBase:
    """Return the page written out: otherwise that is done when the clock has been put back."""
    return page.render() if isinstance(page, SimpleTemplateResponse) else page


class RefusableForm(forms.ModelForm):
    """Says what a service refused of it, beside the field that was meant."""

    refusal: ClassVar[ApiError | None] = None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.refusal is not None:
            field = self.refusal.attr if self.refusal.attr in self.fields else None
            self.add_error(field, forms.ValidationError(str(self.refusal.message), code=self.refusal.code))
        return given


class RefusalsStay(ModelAdmin):
    """Mixin: where the service refuses what was saved, the page comes again with what was typed and says why.

    Its ``form`` is a ``RefusableForm``.
    """

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # of this request alone: the class was made for it
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        try:
            page: HttpResponseBase = super().changeform_view(request, object_id, form_url, extra_context)
        except ApiError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # read by get_form
            page = super().changeform_view(request, object_id, form_url, extra_context)
        return page
