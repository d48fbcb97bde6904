"""Telling learners, and who teaches them, of what attendance announced."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.api import User
from community.notifications.models import Notification
from community.notifications.services.telling import News, filled, notify
from courses.api import course_row, learners_between

Kind = Notification.Kind
Texts = tuple[Promise, Promise]

#: Title and message. ``%(day)s`` and ``%(time)s`` are what its reader's clock shows when the class begins; a time may
#: end with a full stop of its own.
_OF_CLASSES: Mapping[str, Texts] = {
    "soon": (gettext_lazy("Class soon: %(class)s"), gettext_lazy("On %(day)s, %(time)s, in %(course)s.")),
    "moved": (
        gettext_lazy("Class changed: %(class)s"),
        gettext_lazy("It takes place on %(day)s, %(time)s, in %(course)s."),
    ),
    "moved_on": (
        gettext_lazy("Classes changed: %(class)s"),
        gettext_lazy("The next takes place on %(day)s, %(time)s, in %(course)s. You find the others in the app."),
    ),
    "cancelled": (
        gettext_lazy("Class cancelled: %(class)s"),
        gettext_lazy("The class on %(day)s, %(time)s, in %(course)s does not take place. %(reason)s"),
    ),
    "cancelled_on": (
        gettext_lazy("Classes cancelled: %(class)s"),
        gettext_lazy("The class on %(day)s, %(time)s, in %(course)s and those after it do not take place. %(reason)s"),
    ),
}
_OF_EXCUSES: Mapping[str, Texts] = {
    "asked": (
        gettext_lazy("%(name)s asks to be excused: %(class)s"),
        gettext_lazy("%(course)s: you decide on it in the app."),
    ),
    "approved": (gettext_lazy("You are excused: %(class)s"), gettext_lazy("%(course)s: your excuse was accepted.")),
    "rejected": (
        gettext_lazy("Your excuse was not accepted: %(class)s"),
        gettext_lazy("%(course)s: you can talk about it with your teacher."),
    ),
}
_WARNING: Texts = (
    gettext_lazy("Your attendance in %(course)s is below %(below)d percent"),
    gettext_lazy("The next classes raise it again. If something keeps you from coming, tell your teacher."),
)


def tell_of_class(*, fact: str, course_id: int, words: Mapping[str, str], starts_at: datetime, key: str) -> int:
    """Tell everybody enrolled now of a class, once under ``key``; returns how many were told.

    ``words`` are the class's title as ``class`` and, where it was cancelled, the ``reason``, which may be empty.
    Of a class that has begun meanwhile nobody is told. The number of statements is that of ``notify`` and two more,
    however many learners, languages and time zones.
    """
    now, course = timezone.now(), course_row(course_id)
    if course is None or starts_at <= now:
        return 0
    learners = [learner.user_id for learner in learners_between(course_id, now, now)]
    said = {**words, "course": course.title}
    title, message = (partial(filled, text, said, starts_at) for text in _OF_CLASSES[fact])
    news = News(kind=Kind.CLASS_REMINDER, key=key, title=title, message=message)
    return len(notify(user_ids=learners, news=news))


def tell_of_excuse(*, fact: str, course_id: int, title: str, user_id: int, key: str) -> bool:
    """Tell who teaches the course that ``user_id`` asked, or ``user_id`` what was decided, once under ``key``."""
    course, learner = course_row(course_id), User.objects.filter(pk=user_id).first()
    if course is None or learner is None:
        return False
    words = {"class": title, "course": course.title, "name": str(learner)}
    return _tell_one(course.instructor_id if fact == "asked" else user_id, _OF_EXCUSES[fact], words, key)


def tell_of_warning(*, user_id: int, course_id: int, below: int, key: str) -> bool:
    """Tell a learner once under ``key`` that they come to less than ``below`` percent of a course's classes."""
    course = course_row(course_id)
    return course is not None and _tell_one(user_id, _WARNING, {"course": course.title, "below": below}, key)


def _tell_one(user_id: int, texts: Texts, words: Mapping[str, object], key: str) -> bool:
    title, message = (partial(filled, text, words) for text in texts)
    news = News(kind=Kind.SYSTEM, key=key, title=title, message=message)
    return bool(notify(user_ids=[user_id], news=news))
