from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from e_learning.core.staff_groups import keep_staff_groups
        from payments import receivers  # noqa: F401 - registers what this app hears
        from payments.gateways import checks as gateway_checks  # noqa: F401 - registers the system checks
        from payments.invoices import checks as invoice_checks  # noqa: F401
        from payments.orders import mails as order_mails  # noqa: F401 - registers how its mail is written
        from payments.refunds import mails as refund_mails  # noqa: F401
        from payments.staff import MAY
        from payments.webhooks import mails as dispute_mails  # noqa: F401

        keep_staff_groups(self, MAY)
