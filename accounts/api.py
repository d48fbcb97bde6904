"""The door of accounts: what other apps may use of it."""

from accounts.signin.callers import caller_of
from accounts.signin.selectors import LIVE_CALLER_SQL
from accounts.users.models import CustomUser as User
from accounts.users.models import Role
from accounts.users.selectors import nearest_in_name, settings_of
from accounts.users.services import set_subscription_tier

__all__ = ["LIVE_CALLER_SQL", "Role", "User", "caller_of", "nearest_in_name", "set_subscription_tier", "settings_of"]
