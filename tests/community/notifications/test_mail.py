"""One mail carries what gathered, at once or once a day; what is not right any more is not sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from community.models import Block, ChatRoom, CommunityGroup, MailTurn, Membership, Notification, Post
from community.notifications import tasks
from community.notifications.services import mail_people, mailing, tell_of_room
from courses.models import Enrollment
from e_learning.core.mail import send_queued_mail, try_again
from e_learning.core.models import OutgoingMail
from tests.community.notifications.told import choose, say, tell
from tests.crowd import all_at_once, crowd
from tests.thorough import times

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def mail_now(at: datetime | None = None) -> int:
    """Queue what is due, and send what is queued."""
    queued = mail_people(at=at or timezone.now())
    for mail_id in OutgoingMail.objects.filter(state="queued").values_list("pk", flat=True):
        send_queued_mail(mail_id)
    return queued


def states() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_whoever_wants_it_at_once_gets_it_at_once(bilal: CustomUser, instantly: None) -> None:
    tell(bilal, title="Two\nlines", message="More of it")

    [sent] = outbox.outbox
    assert (sent.subject, sent.to) == ("Two lines", [bilal.email])
    assert "More of it" in sent.body
    assert "Settings" in sent.body


def test_what_comes_soon_after_a_mail_gathers_for_the_next(bilal: CustomUser, instantly: None) -> None:
    tell(bilal, key="1")
    assert mail_now() == 1
    tell(bilal, key="2")
    tell(bilal, key="3")
    assert mail_now() == 0
    assert mail_now(timezone.now() + timedelta(minutes=11)) == 1

    assert [sent.subject for sent in outbox.outbox] == ["News", "2 notifications"]


@pytest.mark.parametrize(
    ("told_at", "last_mail_at", "now", "is_due"),
    [
        # The hour is 18:00 in Kolkata, 12:30 in UTC.
        (NOON, None, NOON + timedelta(minutes=29), False),
        (NOON, None, NOON + timedelta(minutes=30), True),
        (NOON, NOON - timedelta(hours=23), NOON + timedelta(minutes=31), True),
        (NOON, NOON + timedelta(minutes=30), NOON + timedelta(hours=5), False),
        (NOON + timedelta(minutes=31), None, NOON + timedelta(hours=24), False),
        (NOON + timedelta(minutes=31), None, NOON + timedelta(hours=24, minutes=30), True),
    ],
)
def test_a_digest_comes_once_a_day_after_the_hour_where_its_reader_lives(
    bilal: CustomUser, told_at: datetime, last_mail_at: datetime | None, now: datetime, is_due: bool
) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(timezone="Asia/Kolkata")
    tell(bilal)
    Notification.objects.update(created_at=told_at)
    if last_mail_at:
        MailTurn.objects.create(user=bilal, taken_at=last_mail_at)

    assert mail_people(at=now) == int(is_due)


def test_a_busy_room_is_one_line_of_one_digest(asha: CustomUser, bilal: CustomUser, community: CommunityGroup) -> None:
    room = ChatRoom.objects.get(community=community)
    for _ in range(20):
        say(asha, room)
        tell_of_room(room_id=room.pk)
    tell(bilal)
    mail_now(timezone.now() + timedelta(days=2))

    [sent] = [sent for sent in outbox.outbox if sent.to == [bilal.email]]
    assert sent.subject == "2 notifications"
    assert sent.body.count("20 new messages in Alphabet in Signs") == 1


def test_the_mail_is_in_its_readers_language(bilal: CustomUser, instantly: None) -> None:
    choose(bilal, locale="hi")
    tell(bilal)
    mail_now()

    assert OutgoingMail.objects.get().language == "hi"


def leave(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(left_at=timezone.now())


def be_banned(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(banned_until=timezone.now() + timedelta(days=1))


def lose_the_course(bilal: CustomUser) -> Any:
    return Enrollment.objects.filter(user=bilal).update(is_active=False)


def lose_the_course_by_time(bilal: CustomUser) -> Any:
    return Enrollment.objects.filter(user=bilal).update(expiry_date=timezone.now() - timedelta(seconds=1))


def close_the_account(bilal: CustomUser) -> Any:
    return CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)


def read_it(bilal: CustomUser) -> Any:
    return Notification.objects.filter(user=bilal).update(read_at=timezone.now())


def switch_mail_off(bilal: CustomUser) -> Any:
    return choose(bilal, email_notifications=False)


def switch_the_digest_off(bilal: CustomUser) -> Any:
    return choose(bilal, email_digest="off")


def switch_the_community_off(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(email_notifications=False)


def block_the_actor(bilal: CustomUser) -> Any:
    return Block.objects.create(blocker=bilal, blocked=CustomUser.objects.get(username="asha"))


def lose_the_post(bilal: CustomUser) -> Any:
    return Post.objects.update(deleted_at=timezone.now())


def find_it_private(bilal: CustomUser) -> Any:
    return CommunityGroup.objects.update(visibility="private")


CHANGES = [
    leave, be_banned, lose_the_course, lose_the_course_by_time, close_the_account, read_it, switch_mail_off,
    switch_the_digest_off, switch_the_community_off, block_the_actor, lose_the_post, find_it_private,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_right_any_more_when_it_is_sent_is_dropped(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup, instantly: None, change: Callable[..., Any]
) -> None:
    post = Post.objects.create(community=community, author=asha, title="Letters", content="x", content_html="x")
    tell(bilal, kind="new_post", actor_id=asha.pk, community_id=community.pk, post_id=post.pk)
    assert mail_people(at=timezone.now()) == 1
    change(bilal)
    send_queued_mail(OutgoingMail.objects.get().pk)

    assert states() == ["dropped"]
    assert outbox.outbox == []


def test_a_ban_itself_still_reaches_the_banned(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup, instantly: None
) -> None:
    be_banned(bilal)
    tell(bilal, kind="moderator_action", actor_id=asha.pk, community_id=community.pk)
    mail_now()

    assert len(outbox.outbox) == 1


def test_of_several_what_is_still_right_is_sent(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup, instantly: None
) -> None:
    tell(bilal, key="1", title="Secret", actor_id=asha.pk, community_id=community.pk)
    tell(bilal, key="2", title="About the platform")
    leave(bilal)
    mail_now()

    [sent] = outbox.outbox
    assert sent.subject == "About the platform"
    assert "Secret" not in sent.body


def test_a_retry_carries_the_same_set_and_what_came_meanwhile_waits(
    bilal: CustomUser, instantly: None, settings: Any
) -> None:
    tell(bilal, key="1", title="First")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail_now()
    tell(bilal, key="2", title="Second")
    later = timezone.now() + timedelta(minutes=30)
    assert mail_people(at=later) == 0  # one mail on its way is enough

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    try_again(mail_ids=list(OutgoingMail.objects.values_list("pk", flat=True)))
    mail_now(later)
    mail_now(later)

    assert [sent.subject for sent in outbox.outbox] == ["First", "Second"]


def test_the_sweep_mails_what_nobody_was_woken_for(bilal: CustomUser, instantly: None) -> None:
    tell(bilal)
    tasks.sweep_notifications()

    assert states() == ["queued"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_mails(bilal: CustomUser, instantly: None) -> None:
    assert mailed_at_once(bilal, times(20, few=4)) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_turns_two_mails_go_out(
    bilal: CustomUser, instantly: None, monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer: the second finds nothing left to carry")
    first_carried, second_found = Event(), Event()

    def found(one: mailing.Waiting, at: datetime) -> bool:
        if first_carried.is_set():
            second_found.set()
        return True

    def first() -> None:
        with transaction.atomic():
            _tell_and_mail(bilal, "first")
            first_carried.set()
            assert second_found.wait(60)

    def second() -> None:
        assert first_carried.wait(60)
        _tell_and_mail(bilal, "second")

    monkeypatch.setattr(mailing, "_take_turn", found)
    all_at_once(first, second)

    assert OutgoingMail.objects.count() == 2


def mailed_at_once(bilal: CustomUser, rounds: int) -> set[int]:
    """Four threads, each with something to tell and then to mail; returns how many mails the rounds made."""
    made = set()
    with crowd(4) as all_at_once:
        for number in range(rounds):
            OutgoingMail.objects.all().delete()
            MailTurn.objects.all().delete()
            Notification.objects.all().delete()
            works = [lambda key=f"{number}.{one}": _tell_and_mail(bilal, key) for one in range(4)]
            all_at_once(*works)
            made.add(OutgoingMail.objects.count())
    return made


def _tell_and_mail(bilal: CustomUser, key: str) -> int:
    tell(bilal, key=key)
    return mail_people(at=timezone.now())
