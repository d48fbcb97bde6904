from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        from community import receivers  # noqa: F401 - registers what this app hears
        from community.models import Attachment, CommunityGroup
        from community.notifications import mails  # noqa: F401 - registers how its mail is written
        from community.staff import MAY
        from e_learning.core.owned_files import files_go_with
        from e_learning.core.staff_groups import keep_staff_groups

        files_go_with(CommunityGroup)
        files_go_with(Attachment)
        keep_staff_groups(self, MAY)
