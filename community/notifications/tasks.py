"""Tasks of notifications. Each only hurries along what rows already say."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from community.notifications import services
from e_learning.core.wake import wake_on_commit

logger = logging.getLogger(__name__)
#: So many seconds pass between the first words in a quiet room and the telling, and between one telling and the next:
#: however fast a room speaks, its readers' rows are written that often.
ROOM_PAUSE = 3


@shared_task(name="community.tell_of_course")
def tell_of_course(fact: str, user_id: int, course_id: int, key: str, until: str | None = None) -> None:
    moment = datetime.fromisoformat(until) if until else None
    services.tell_of_course(fact=fact, user_id=user_id, course_id=course_id, key=key, until=moment)


@shared_task(name="community.tell_of_fact")
def tell_of_fact(fact: str, user_id: int, key: str) -> None:
    services.tell_of_fact(fact=fact, user_id=user_id, key=key)


@shared_task(name="community.tell_of_class")
def tell_of_class(fact: str, course_id: int, words: dict[str, str], starts_at: str, key: str) -> None:
    begin = datetime.fromisoformat(starts_at)
    services.tell_of_class(fact=fact, course_id=course_id, words=words, starts_at=begin, key=key)


@shared_task(name="community.tell_of_excuse")
def tell_of_excuse(fact: str, course_id: int, title: str, user_id: int, key: str) -> None:
    services.tell_of_excuse(fact=fact, course_id=course_id, title=title, user_id=user_id, key=key)


@shared_task(name="community.tell_of_warning")
def tell_of_warning(user_id: int, course_id: int, below: int, key: str) -> None:
    services.tell_of_warning(user_id=user_id, course_id=course_id, below=below, key=key)


@shared_task(name="community.tell_staff_of_flag")
def tell_staff_of_flag(key: str) -> None:
    services.tell_staff_of_flag(key=key)


@shared_task(name="community.tell_of_post")
def tell_of_post(post_id: int) -> None:
    services.tell_of_post(post_id=post_id)


@shared_task(name="community.tell_of_room")
def tell_of_room(room_id: int) -> None:
    """Tell, and come again if more was said meanwhile: nobody is woken for what is said in a room not told of."""
    services.tell_of_room(room_id=room_id)
    if services.is_untold(room_id):
        tell_of_room_soon(room_id)


def tell_of_room_soon(room_id: int) -> None:
    wake_on_commit(tell_of_room, room_id, countdown=ROOM_PAUSE)


@shared_task(name="community.mail_people")
def mail_people(user_ids: list[int]) -> None:
    services.mail_people(user_ids=user_ids, at=timezone.now())


@shared_task(name="community.send_pushes")
def send_pushes(delivery_ids: list[int]) -> None:
    _each(delivery_ids, lambda delivery_id: services.send_push(delivery_id=delivery_id))


@shared_task(name="community.sweep_notifications")
def sweep_notifications() -> int:
    """Do what was not woken: tell of posts and rooms, mail whose turn has come, push what is due."""
    posts, rooms = services.untold_post_ids(), services.untold_room_ids()
    _each(posts, lambda post_id: services.tell_of_post(post_id=post_id))
    _each(rooms, lambda room_id: services.tell_of_room(room_id=room_id))
    mailed = services.mail_people(at=timezone.now())
    pushes = services.due_push_ids()
    _each(pushes, lambda delivery_id: services.send_push(delivery_id=delivery_id))
    return len(posts) + len(rooms) + mailed + len(pushes)


def _each(ids: Iterable[int], work: Callable[[int], object]) -> None:
    for one in ids:
        try:
            work(one)
        except Exception:  # whatever it is, the next one is not to wait for it
            logger.exception("one of many failed: %s", one)
