"""The back office of accounts, from its rooms."""

from accounts.signin.admin import SessionAdmin
from accounts.users.admin import CustomUserAdmin, StaffGroupAdmin

__all__ = ["CustomUserAdmin", "SessionAdmin", "StaffGroupAdmin"]
