from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("Attendance")

    def ready(self) -> None:
        from attendance import receivers  # noqa: F401 - registers what this app hears
        from attendance.staff import MAY
        from e_learning.core.staff_groups import keep_staff_groups

        keep_staff_groups(self, MAY)
