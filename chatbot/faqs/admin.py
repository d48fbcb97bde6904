"""Frequent questions: admins keep them, other staff read them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from chatbot.faqs.models import Faq
from chatbot.faqs.placeholders import VALUES


@admin.register(Faq)
class FaqAdmin(ModelAdmin):
    list_display = ["question", "category", "language", "order", "is_published"]
    list_filter = ["category", "language", "is_published"]
    search_fields = ["question", "answer", "other_words"]
    ordering = ["language", "category", "order", "id"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "answer" and isinstance(field, forms.Field):
            names = ", ".join(f"{{{name}}}" for name in VALUES)
            field.help_text = _("Replaced by the settings' values where it is shown: %(names)s.") % {"names": names}
        return field
