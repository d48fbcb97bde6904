"""The catalogue in the back office: the same writes as the API's, and instructors see their own courses only."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from courses.catalogue.models import Bookmark, Category, Content, Course, Module
from courses.catalogue.services import (
    PrerequisiteLoop,
    delete_content,
    delete_module,
    delete_or_archive_course,
    hold_contents_of,
    leads_back,
    refresh_course,
    refresh_courses_in,
    update_course,
)
from courses.catalogue.text import render_text
from e_learning.core.back_office import JudgedUploads, NothingAdded, OwnRows
from e_learning.core.uploads import DOCUMENT, FILM, PICTURE


class OwnedAdmin(OwnRows, ModelAdmin):
    """Lists what the signed-in person may change: everything for admins, own courses' rows for instructors."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # What can be chosen is what can be changed: a module is never hung under somebody else's course.
        user: Any = request.user
        own = {"course": Course.objects.all(), "module": Module.objects.select_related("course")}.get(db_field.name)
        if own is not None and not user.is_admin:
            path = "instructor" if db_field.name == "course" else "course__instructor"
            kwargs["queryset"] = own.filter(**{path: user})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


class GoesWhole(OwnedAdmin):
    """What hangs on a row goes with it, also what nobody may delete by itself: the service decides."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], Any]:
        going, counts, _not_by_hand, protected = super().get_deleted_objects(objs, request)
        return going, counts, set(), protected


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ["name", "slug", "parent", "order", "course_count"]
    list_editable = ["order"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(course_count=Count("courses"))

    @admin.display(description=_("courses"), ordering="course_count")
    def course_count(self, category: Any) -> int:
        return int(category.course_count)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refresh_courses_in(obj)


class CourseForm(ModelForm):
    """Refuses prerequisites that would lead back to the course, as the API does."""

    def clean_prerequisites(self) -> Any:
        chosen = self.cleaned_data["prerequisites"]
        if self.instance.pk and leads_back(self.instance, [course.pk for course in chosen]):
            raise ValidationError(PrerequisiteLoop.message, code=PrerequisiteLoop.code)
        return chosen


@admin.register(Course)
class CourseAdmin(JudgedUploads, GoesWhole):
    owner_path = "instructor"
    judged = {"thumbnail": (PICTURE,)}
    form = CourseForm
    list_display = [
        "title",
        "instructor",
        "category",
        "price",
        "is_published",
        "is_trending",
        "content_count",
        "enrolled_count",
        "rating",
    ]
    list_filter = ["is_published", "is_trending", "level", "language", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["instructor", "category"]
    search_fields = ["title", "summary", "instructor__username", "instructor__full_name"]
    autocomplete_fields = ["instructor", "category", "prerequisites"]
    date_hierarchy = "created_at"
    actions = ["publish", "take_back", "archive"]
    readonly_fields = [
        "published_at",
        "archived_at",
        "rating",
        "rating_count",
        "enrolled_count",
        "content_count",
        "duration",
        "version",
        "external_id",
        "created_at",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        user: Any = request.user
        return self.readonly_fields if user.is_admin else [*self.readonly_fields, "is_trending", "instructor"]

    @admin.display(description=_("price"), ordering="price_paise")
    def price(self, course: Course) -> str:
        return str(course.price)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        user: Any = request.user
        if not change and not user.is_admin:
            obj.instructor = user
        if change:
            hold_contents_of(obj.pk)
        super().save_model(request, obj, form, change)
        # The date of publishing, the counts and the search follow as after a change by the API.
        update_course(editor=user, course_id=obj.pk, values={"is_published": obj.is_published})

    def delete_model(self, request: HttpRequest, obj: Course) -> None:
        user: Any = request.user
        delete_or_archive_course(editor=user, course_id=obj.pk)

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        self._set_published(request, queryset, published=True)

    @admin.action(description=_("Take back to draft"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        self._set_published(request, queryset, published=False)

    @admin.action(description=_("Archive, or delete where nobody ever enrolled"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        self.delete_queryset(request, queryset)
        self.message_user(request, _("Done."), messages.SUCCESS)

    def _set_published(self, request: HttpRequest, queryset: QuerySet[Course], *, published: bool) -> None:
        user: Any = request.user
        for course in queryset:
            update_course(editor=user, course_id=course.pk, values={"is_published": published})
        self.message_user(request, _("Done."), messages.SUCCESS)


@admin.register(Module)
class ModuleAdmin(GoesWhole):
    owner_path = "course__instructor"
    list_display = ["title", "course", "order", "content_total"]
    list_select_related = ["course"]
    search_fields = ["title", "course__title"]
    fields = ["course", "title", "description", "order"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Module]:
        rows: QuerySet[Module] = super().get_queryset(request)
        return rows.annotate(content_total=Count("contents"))

    @admin.display(description=_("contents"), ordering="content_total")
    def content_total(self, module: Any) -> int:
        return int(module.content_total)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Module, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refresh_course(obj.course_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["course"] if obj else []

    def delete_model(self, request: HttpRequest, obj: Module) -> None:
        user: Any = request.user
        delete_module(editor=user, module_id=obj.pk)


@admin.register(Content)
class ContentAdmin(JudgedUploads, GoesWhole):
    owner_path = "module__course__instructor"
    judged = {"video_file": (FILM,), "poster": (PICTURE,), "document": (DOCUMENT,)}
    list_display = ["title", "content_type", "course", "module", "order", "is_preview", "video_duration", "version"]
    list_filter = ["content_type", "is_preview"]
    list_select_related = ["module__course"]
    search_fields = ["title", "section", "module__title", "module__course__title"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    readonly_fields = ["document_name", "version", "external_id", "created_at", "updated_at"]

    @admin.display(description=_("course"), ordering="module__course__title")
    def course(self, content: Content) -> str:
        return content.module.course.title

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Content, form: Any, change: bool) -> None:
        obj.text_html = render_text(obj.text_content)
        obj.version += change
        if "document" in form.changed_data:
            obj.document_name = getattr(form.cleaned_data["document"], "original_name", "")
        super().save_model(request, obj, form, change)
        refresh_course(obj.module.course_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Its type and place are changed by the API, which knows what hangs on them.
        return [*self.readonly_fields, "module", "content_type"] if obj else self.readonly_fields

    def delete_model(self, request: HttpRequest, obj: Content) -> None:
        user: Any = request.user
        delete_content(editor=user, content_id=obj.pk)


@admin.register(Bookmark)
class BookmarkAdmin(NothingAdded, OwnedAdmin):
    owner_path = "user"
    list_display = ["user", "course", "created_at"]
    list_select_related = ["user", "course"]
    search_fields = ["user__username", "course__title"]
    readonly_fields = ["user", "course", "created_at"]
