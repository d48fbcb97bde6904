from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "e_learning.core"
    label = "core"
    verbose_name = _("Platform")

    def ready(self) -> None:
        from e_learning.core import checks  # noqa: F401 - registers the system checks
        from e_learning.core.api.paths import IdConverter, WordsConverter

        # Here, because addresses of sockets are read without those of pages.
        register_converter(IdConverter, "id")
        register_converter(WordsConverter, "words")
