"""The door of accounts: what other apps may use of it."""

from accounts.signin.callers import caller_of
from accounts.signin.push_devices import LivePushDevice, forget_push_device, live_push_device, push_devices_of
from accounts.signin.selectors import LIVE_CALLER_SQL
from accounts.signin.shell import borrowed_session
from accounts.users.models import CustomUser as User
from accounts.users.models import Role, normalized_email, validate_timezone
from accounts.users.selectors import IS_ADMIN, admins_among, nearest_in_name, settings_of
from accounts.users.serializers import PublicUserSerializer
from accounts.users.services import set_subscription_tier

__all__ = [
    "IS_ADMIN",
    "LIVE_CALLER_SQL",
    "LivePushDevice",
    "PublicUserSerializer",
    "Role",
    "User",
    "admins_among",
    "borrowed_session",
    "caller_of",
    "forget_push_device",
    "live_push_device",
    "nearest_in_name",
    "normalized_email",
    "push_devices_of",
    "set_subscription_tier",
    "settings_of",
    "validate_timezone",
]
