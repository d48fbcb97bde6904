"""Somebody is told once, in their language, and beyond the app as they chose."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy

from accounts.models import CustomUser
from community.models import Block, CommunityGroup, Membership, Notification
from community.notifications.services import telling
from tests.community.notifications.told import choose, tell
from tests.core.pushes import Pushes
from tests.crowd import MOST_ROUNDS, crowd
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]


def test_everybody_is_told_once(bilal: CustomUser, chitra: CustomUser) -> None:
    assert {row.user_id for row in tell(bilal)} == {bilal.pk}
    assert {row.user_id for row in tell(bilal, chitra)} == {chitra.pk}
    assert Notification.objects.count() == 2


def test_what_is_told_has_its_id_and_stands(bilal: CustomUser) -> None:
    [row] = tell(bilal, title="Hello")

    assert Notification.objects.get(pk=row.pk).title == "Hello"


def test_each_is_told_in_their_language(bilal: CustomUser, chitra: CustomUser) -> None:
    choose(bilal, locale="hi")
    for_two = {row.user_id: row for row in tell(bilal, chitra, title=gettext_lazy("Not found."))}
    in_a_function = tell(bilal, key="2", title=lambda: str(gettext_lazy("Not found.")))

    assert for_two[chitra.pk].title == "Not found."
    assert for_two[bilal.pk].title != "Not found."
    assert in_a_function[0].title == for_two[bilal.pk].title


def test_long_texts_are_cut(bilal: CustomUser) -> None:
    [row] = tell(bilal, title="x" * 300, message="y" * 900)

    assert (len(row.title), len(row.message)) == (200, 500)


def test_nobody_hears_of_their_own_doings_of_whom_they_blocked_or_after_they_left(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    Block.objects.create(blocker=bilal, blocked=asha)
    chitra.is_active = False
    chitra.save()

    assert tell(asha, bilal, chitra, actor_id=asha.pk) == []


def test_whom_one_has_blocked_still_hears(asha: CustomUser, bilal: CustomUser) -> None:
    Block.objects.create(blocker=asha, blocked=bilal)

    assert len(tell(bilal, actor_id=asha.pk)) == 1


def test_the_frame_leaves_after_the_commit_with_what_is_unread(
    asha: CustomUser, bilal: CustomUser, pushes: Pushes, django_capture_on_commit_callbacks: Capture
) -> None:
    tell(bilal, key="0")
    with django_capture_on_commit_callbacks(execute=True):
        [row] = tell(bilal, title="News", actor_id=asha.pk)
        assert pushes == []

    [frame] = pushes.to(f"user.{bilal.pk}")
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {
        "type": "notification",
        "notification_id": row.pk,
        "notification_type": "system",
        "title": "News",
        "message": "",
        "actor": {"id": asha.pk, "username": "asha", "full_name": "Asha", "profile_image": None, "role": "instructor"},
        "community_id": None,
        "post_id": None,
        "unread_count": 2,
    }


def test_what_is_rolled_back_was_never_told(
    bilal: CustomUser, pushes: Pushes, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell(bilal)
        transaction.set_rollback(True)

    assert (list(pushes), Notification.objects.count()) == ([], 0)


MAIL = [
    # settings, what was chosen in the community, mailed?
    ({}, {}, True),
    ({"email_digest": "instant"}, {}, True),
    ({"email_digest": "off"}, {}, False),
    ({"email_notifications": False}, {}, False),
    ({"notifications_enabled": False}, {}, False),
    ({"push_notifications": False}, {"push_notifications": False}, True),
    ({}, {"email_notifications": False}, False),
]


@pytest.mark.parametrize(("wishes", "there", "is_mailed"), MAIL)
def test_mail_follows_the_settings_and_what_was_chosen_in_the_community(
    bilal: CustomUser, community: CommunityGroup, wishes: Any, there: Any, is_mailed: bool
) -> None:
    choose(bilal, **{"theme": "dark"} | wishes)
    Membership.objects.filter(user=bilal).update(**{"role": "member"} | there)
    [of_community] = tell(bilal, community_id=community.pk)
    [of_platform] = tell(bilal, key="news.2")

    assert of_community.waits_for_mail == is_mailed
    assert of_platform.waits_for_mail == (is_mailed or "email_notifications" in there)


def test_what_is_mailed_by_payments_is_not_mailed_twice(bilal: CustomUser) -> None:
    assert [tell(bilal, kind=kind, key=kind)[0].waits_for_mail for kind in ("payment", "refund")] == [False, False]


def test_telling_costs_the_same_for_one_and_for_many(
    asha: CustomUser, community: CommunityGroup, on_postgresql: bool
) -> None:
    people = [person(f"learner{number}") for number in range(30)]
    costs = []
    for key, some in (("a", people[:1]), ("b", people)):
        with CaptureQueriesContext(connection) as statements:
            tell(*some, key=key, actor_id=asha.pk, community_id=community.pk)
        costs.append(len(statements))

    assert costs[0] == costs[1]
    if on_postgresql:
        # SAVEPOINT, who listens, the rows, unread counts, the actor, RELEASE
        assert costs[0] == 6


@pytest.mark.django_db(transaction=True)
def test_told_at_once_is_told_once(bilal: CustomUser) -> None:
    assert set(told_at_once(bilal, times(20, few=4))) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_the_key_it_is_told_twice(bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the constraint holds: a check before the insert would let both through."""

    def check_and_insert(rows: Any) -> list[Notification]:
        fresh = [row for row in rows if not Notification.objects.filter(user=row.user_id, key=row.key).exists()]
        for row in fresh:
            row.key += f".{row.created_at.timestamp()}"
        return Notification.objects.bulk_create(fresh)

    monkeypatch.setattr(telling, "insert_new", check_and_insert)

    assert any(made > 1 for made in told_at_once(bilal, MOST_ROUNDS))


def told_at_once(bilal: CustomUser, rounds: int) -> Iterator[int]:
    """Tell the same from four threads at once, round after round; yields how many rows each round made."""
    with crowd(4) as all_at_once:
        for number in range(rounds):
            before = Notification.objects.count()
            all_at_once(*[lambda key=f"round.{number}": tell(bilal, key=key)] * 4)
            yield Notification.objects.count() - before
