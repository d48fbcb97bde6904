"""Telling people, and bringing it to them: in the app, by mail, by push."""

from community.notifications.services.mailing import mail_people
from community.notifications.services.pushing import due_push_ids, send_push, try_pushes_again
from community.notifications.services.reading import mark_all_as_read, mark_as_read
from community.notifications.services.telling import News, notify
from community.notifications.services.telling_of_classes import tell_of_class, tell_of_excuse, tell_of_warning
from community.notifications.services.telling_of_facts import tell_of_course, tell_of_fact, tell_staff_of_flag
from community.notifications.services.telling_of_posts import tell_of_post, untold_post_ids
from community.notifications.services.telling_of_rooms import is_untold, tell_of_room, untold_room_ids

__all__ = [
    "News",
    "due_push_ids",
    "is_untold",
    "mail_people",
    "mark_all_as_read",
    "mark_as_read",
    "notify",
    "send_push",
    "tell_of_class",
    "tell_of_course",
    "tell_of_excuse",
    "tell_of_fact",
    "tell_of_post",
    "tell_of_room",
    "tell_of_warning",
    "tell_staff_of_flag",
    "try_pushes_again",
    "untold_post_ids",
    "untold_room_ids",
]
