"""Telling somebody what the apps below announced about them."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.api import IS_ADMIN, User
from community.notifications.models import Notification
from community.notifications.services.telling import News, Said, filled, notify
from courses.api import course_row

Kind = Notification.Kind


@dataclass(frozen=True, slots=True)
class _Fact:
    kind: str
    title: str | Promise
    message: str | Promise = ""


#: About a course. ``%(course)s`` is its title, ``%(day)s`` the day on which access ends.
_OF_COURSES = {
    "enrolled": _Fact(Kind.ENROLLMENT, gettext_lazy("You are enrolled in %(course)s")),
    "expiring": _Fact(
        Kind.ENROLLMENT,
        gettext_lazy("Your access to %(course)s ends soon"),
        gettext_lazy("It is open to you until %(day)s."),
    ),
    "expired": _Fact(Kind.ENROLLMENT, gettext_lazy("Your access to %(course)s has ended")),
    "ended": _Fact(Kind.ENROLLMENT, gettext_lazy("Your access to %(course)s has ended")),
    "completed": _Fact(Kind.ACHIEVEMENT, gettext_lazy("You have completed %(course)s")),
}
_OF_OTHERS = {
    "paid": _Fact(Kind.PAYMENT, gettext_lazy("Payment received"), gettext_lazy("Its invoice is in the app.")),
    "refunded": _Fact(Kind.REFUND, gettext_lazy("Your refund was paid out")),
    "graded": _Fact(Kind.SYSTEM, gettext_lazy("Your answers were graded"), gettext_lazy("See your result in the app.")),
}

_FLAG = _Fact(
    Kind.SYSTEM,
    gettext_lazy("A learner may need help"),
    gettext_lazy("Something severe was said to the tutor. Please look at its flags in the back office."),
)


def tell_of_course(*, fact: str, user_id: int, course_id: int, key: str, until: datetime | None = None) -> bool:
    """Tell ``user_id`` once under ``key`` of what happened between them and a course; False where nobody was told."""
    told, course = _OF_COURSES[fact], course_row(course_id)
    if course is None:
        return False
    words = {"course": course.title}
    title, message = (partial(filled, text, words, until) for text in (told.title, told.message))
    return _tell(told, user_id, key, title, message)


def tell_of_fact(*, fact: str, user_id: int, key: str) -> bool:
    """Tell ``user_id`` once under ``key``; False where they had been told."""
    told = _OF_OTHERS[fact]
    return _tell(told, user_id, key, told.title, told.message)


def tell_staff_of_flag(*, key: str) -> int:
    """Tell admins and moderators of the platform once under ``key`` that the tutor heard something severe.

    What was said and by whom is in the back office alone: notifications go out by mail and to locked screens.
    """
    staff = User.objects.filter(IS_ADMIN | Q(is_staff=True, groups__name="moderator"), is_active=True)
    ids = set(staff.values_list("pk", flat=True))
    return len(notify(user_ids=ids, news=News(kind=_FLAG.kind, key=key, title=_FLAG.title, message=_FLAG.message)))


def _tell(told: _Fact, user_id: int, key: str, title: Said, message: Said) -> bool:
    news = News(kind=told.kind, key=key, title=title, message=message)
    return bool(notify(user_ids=[user_id], news=news))
