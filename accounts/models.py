"""Every table of the app, from its rooms."""

from accounts.signin.models import Session
from accounts.users.models import CustomUser, UserSettings

__all__ = ["CustomUser", "Session", "UserSettings"]
