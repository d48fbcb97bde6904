"""Every write of the room: complaining, deciding, taking decisions back."""

from community.moderation.services.acting import ChangedSince, OwnWords
from community.moderation.services.deciding import (
    DecidedAlready,
    NothingToDismiss,
    NotRemoved,
    Removed,
    approve_post,
    delete_message,
    delete_post,
    dismiss_message_flags,
    dismiss_post_flags,
    pin_post,
    reject_post,
    remove_message,
    remove_post,
    restore_message,
    restore_post,
)
from community.moderation.services.flagging import FlagsOwnWords, flag_message, flag_post
from community.moderation.services.members import (
    MemberValues,
    Outranked,
    Over,
    ban_member,
    change_member,
    change_role,
    mute_member,
)
from community.moderation.services.undoing import NothingToUndo, UndoneAlready, undo_action

__all__ = [
    "ChangedSince",
    "DecidedAlready",
    "FlagsOwnWords",
    "MemberValues",
    "NotRemoved",
    "NothingToDismiss",
    "NothingToUndo",
    "Outranked",
    "Over",
    "OwnWords",
    "Removed",
    "UndoneAlready",
    "approve_post",
    "ban_member",
    "change_member",
    "change_role",
    "delete_message",
    "delete_post",
    "dismiss_message_flags",
    "dismiss_post_flags",
    "flag_message",
    "flag_post",
    "mute_member",
    "pin_post",
    "reject_post",
    "remove_message",
    "remove_post",
    "restore_message",
    "restore_post",
    "undo_action",
]
