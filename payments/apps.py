from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from payments import receivers  # noqa: F401 - registers what this app hears
        from payments.refunds import mails as refund_mails  # noqa: F401 - registers how its mail is written
        from payments.webhooks import mails as dispute_mails  # noqa: F401
