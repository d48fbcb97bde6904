from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts.signin import mails  # noqa: F401 - registers how this app's mail is written
        from accounts.signin.selectors import sessions_that_live, user_of_live_session
        from accounts.users.models import CustomUser
        from e_learning.core.owned_files import files_go_with
        from e_learning.core.socket_watch import who_knows_sessions
        from e_learning.core.storage import holders_of_sessions

        holders_of_sessions.append(user_of_live_session)
        who_knows_sessions.append(sessions_that_live)
        files_go_with(CustomUser)
