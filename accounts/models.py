"""Every table of the app, from its rooms."""

from accounts.signin.models import PushDevice, Session, SocketTicket
from accounts.users.models import CustomUser, UserSettings

__all__ = ["CustomUser", "PushDevice", "Session", "SocketTicket", "UserSettings"]
