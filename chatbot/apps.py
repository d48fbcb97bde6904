from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatbotConfig(AppConfig):
    name = "chatbot"
    verbose_name = _("Tutor")

    def ready(self) -> None:
        from chatbot import receivers  # noqa: F401 - registers what this app hears
        from chatbot.providers import checks as provider_checks  # noqa: F401 - registers the system checks
        from chatbot.staff import MAY
        from e_learning.core.staff_groups import keep_staff_groups

        keep_staff_groups(self, MAY)
