"""What admin pages of every room share: rows that people read and only services write."""

from functools import partial
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from e_learning.core.uploads import Family
from e_learning.core.uploads.forms import JudgedFormField


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


class OwnRows(ModelAdmin):
    """Mixin: everything for admins of the platform; for others the rows from which ``owner_path`` leads to them."""

    owner_path: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        user: Any = request.user
        return rows if user.is_admin else rows.filter(**{self.owner_path: user})


class JudgedUploads(ModelAdmin):
    """Mixin: files sent by these pages are judged as the API judges them; ``judged`` says what each column takes."""

    judged: ClassVar[dict[str, tuple[Family, ...]]]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if families := self.judged.get(db_field.name):
            kwargs["form_class"] = partial(JudgedFormField, families=families)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
