"""What admin pages of every room share: rows that people read and only services write."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction

from e_learning.core.api.errors import ApiError
from e_learning.core.api.paths import MOST_ID
from e_learning.core.uploads import Family
from e_learning.core.uploads.forms import JudgedFormField

#: For pages on which the buttons of a row say what is done.
NO_PLAIN_SAVING = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}


class NothingAdded:
    """Mixin for rows that services make: they may be changed or removed here, never made."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NothingAdded):
    """Mixin for rows that nobody changes by hand: money, progress, answers."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AdminsOnly:
    """Mixin for what concerns admins of the platform alone, whatever groups give to other staff."""

    def is_admin(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_admin", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_admin(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_admin(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_admin(request)


class Totalled(ModelAdmin):
    """Mixin: above the list stands a table of totals over all that was searched for."""

    list_before_template = "core/totals.html"
    totals_of: ClassVar[Sequence[Any]]

    def totals(self, rows: QuerySet[Any]) -> list[list[Any]]:
        """Return the lines of the table under the heads ``totals_of``; ``rows`` come in no order."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        if changes := (getattr(answer, "context_data", None) or {}).get("cl"):  # none where it redirects
            rows = changes.queryset.order_by()
            answer.context_data |= {"totals_of": self.totals_of, "totals": self.totals(rows)}
        return answer


class OwnRows(ModelAdmin):
    """Mixin: everything for admins of the platform; for others the rows from which ``owner_path`` leads to them."""

    owner_path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        user: Any = request.user
        return rows if user.is_admin else rows.filter(**{self.owner_path: user})


def is_row_id(text: str) -> bool:
    """Say whether a database can look for what stands in an address as a row's id."""
    return text.isdecimal() and int(text[:20]) <= MOST_ID


def done_one_by_one(
    page: ModelAdmin, request: HttpRequest, works: Iterable[tuple[object, Callable[[], object]]]
) -> int:
    """Do each work, which comes with the name of what it is about, and return how many were done.

    Of any that a service refuses the refusal is told, and the rest go on.
    """
    done = 0
    for name, work in works:
        try:
            work()
            done += 1
        except ApiError as refusal:
            page.message_user(request, f"{name}: {refusal.message}", messages.ERROR)
    return done


class ButtonsOfRows(ModelAdmin):
    """Mixin: of rows alone it is asked which buttons (``actions_submit_line``) they have.

    Unfold asks of whatever stands in the address, before Django looks whether there is such a row.
    """

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        may_be_a_row = object_id is None or is_row_id(str(object_id))
        return super().get_actions_submit_line(request, object_id) if may_be_a_row else []


class RefusalsAreTold(ModelAdmin):
    """Mixin: what a service refuses is a message on the same page, and nothing of what was sent is kept then."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        try:
            page: HttpResponseBase = super().changeform_view(request, object_id, form_url, extra_context)
            return page
        except ApiError as refusal:
            self.message_user(request, str(refusal.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class JudgedUploads(ModelAdmin):
    """Mixin: files sent by these pages are judged as the API judges them; ``judged`` says what each column takes."""

    judged: ClassVar[dict[str, tuple[Family, ...]]]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if families := self.judged.get(db_field.name):
            kwargs["form_class"] = partial(JudgedFormField, families=families)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
