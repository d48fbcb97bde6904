from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts.signin import mails  # noqa: F401 - registers how this app's mail is written
        from accounts.signin.selectors import user_of_live_session
        from accounts.users.models import CustomUser
        from e_learning.core.owned_files import files_go_with
        from e_learning.core.storage import holders_of_sessions

        holders_of_sessions.append(user_of_live_session)
        files_go_with(CustomUser)
