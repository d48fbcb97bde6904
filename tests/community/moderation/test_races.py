"""Two moderators at once: one action each time. Each race also runs with its guard taken away, and goes wrong then."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from community.models import CommunityGroup, Flag, Membership, ModerationAction, Post
from community.moderation.services import (
    acting,
    approve_post,
    dismiss_message_flags,
    dismiss_post_flags,
    flag_message,
    flag_post,
    mute_member,
    reject_post,
    remove_message,
    undo_action,
    undoing,
)
from e_learning.core.api.errors import ApiError
from e_learning.core.statements import row_of
from tests.community.moderation.conftest import Says, Writes
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.guards import without
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 8
ROUNDS = times(20, few=1)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


def held(outcomes: list[Any]) -> int:
    """Return how many decisions went through; the others were refused with 409."""
    refused = [one for one in outcomes if isinstance(one, ApiError)]
    assert {one.status for one in refused} <= {409}
    return len(outcomes) - len(refused)


@pytest.fixture
def guards_can_be_taken_away(on_postgresql: bool, counts_need_not_add_up: None) -> None:
    if not on_postgresql:
        pytest.skip("SQLite lets one writing transaction in at a time, guard or not")


def unlocked(post_id: int) -> Post:
    return Post.objects.get(pk=post_id)


def until_it_goes_wrong(race: Callable[[], int]) -> int:
    """Run the race until more than one got through, and return how many."""
    for _round in range(MOST_ROUNDS):
        if (through := race()) > 1:
            return through
    return 1


# --- deciding about a post ----------------------------------------------------------------------


@pytest.fixture
def decided_at_once(
    all_at_once: AllAtOnce, writes: Writes, asha: CustomUser, moderator: CustomUser
) -> Callable[[], int]:
    def race() -> int:
        post = writes()

        def approve() -> Post:
            return approve_post(moderator=asha, post_id=post.pk)

        def reject() -> Post:
            return reject_post(moderator=moderator, post_id=post.pk, reason="No.")

        through = held(all_at_once(*[approve, reject] * (AT_ONCE // 2)))
        assert ModerationAction.objects.filter(post=post).count() == through
        return through

    return race


def test_of_many_decisions_at_once_one_holds(decided_at_once: Callable[[], int]) -> None:
    assert {decided_at_once() for _round in range(ROUNDS)} == {1}


def test_without_lock_and_condition_several_hold(
    guards_can_be_taken_away: None, decided_at_once: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_status(*, post: Post, status: Any) -> None:
        Post.objects.filter(pk=post.pk).update(status=status)
        post.status = status

    monkeypatch.setattr(acting, "locked_post", unlocked)
    monkeypatch.setattr(acting, "set_status", set_status)
    assert until_it_goes_wrong(decided_at_once) > 1


def test_without_the_lock_the_condition_decides(
    decided_at_once: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "locked_post", unlocked)
    assert {decided_at_once() for _round in range(ROUNDS)} == {1}


# --- removing a message -------------------------------------------------------------------------


@pytest.fixture
def removed_at_once(all_at_once: AllAtOnce, says: Says, asha: CustomUser) -> Callable[[], int]:
    def race() -> int:
        message = says()
        through = held(all_at_once(*[lambda: remove_message(moderator=asha, message_id=message.pk)] * AT_ONCE))
        assert ModerationAction.objects.filter(message=message).count() == through
        return through

    return race


def test_a_message_is_removed_once(removed_at_once: Callable[[], int]) -> None:
    assert {removed_at_once() for _round in range(ROUNDS)} == {1}


def test_without_the_condition_it_is_removed_several_times(
    guards_can_be_taken_away: None, removed_at_once: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_down(*, message: Any) -> bool:
        message.deleted_at = timezone.now()
        message.save(update_fields=["deleted_at"])
        return True

    monkeypatch.setattr(acting, "take_down_message", take_down)
    assert until_it_goes_wrong(removed_at_once) > 1


# --- undoing ------------------------------------------------------------------------------------


@pytest.fixture
def undone_at_once(all_at_once: AllAtOnce, writes: Writes, asha: CustomUser, admin: CustomUser) -> Callable[[], int]:
    """A dismissal changes nothing of the post: nothing but the action itself tells that it was undone."""

    def race() -> int:
        post = writes("published")
        flag_post(reporter=admin, post_id=post.pk, reason="Rude.")
        action = dismiss_post_flags(moderator=asha, post_id=post.pk)
        through = held(all_at_once(*[lambda: undo_action(moderator=asha, action_id=action.pk)] * AT_ONCE))
        assert ModerationAction.objects.filter(post=post, verb="undo").count() == through
        return through

    return race


def test_an_action_is_undone_once(undone_at_once: Callable[[], int]) -> None:
    assert {undone_at_once() for _round in range(ROUNDS)} == {1}


def test_without_the_condition_it_is_undone_several_times(
    guards_can_be_taken_away: None, undone_at_once: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "locked_post", unlocked)
    monkeypatch.setattr(undoing, "still_stands", Q)
    assert until_it_goes_wrong(undone_at_once) > 1


def until_somebody_waits() -> None:
    """Return once another transaction waits for the one in hand, or after a while."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
    until = time.monotonic() + 20
    while row_of(waiting, {}) is None and time.monotonic() < until:
        time.sleep(0.02)


def test_who_complains_anew_while_it_is_undone_keeps_the_complaint(
    all_at_once: AllAtOnce, says: Says, asha: CustomUser, admin: CustomUser, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite lets one writing transaction in at a time")
    about: dict[str, Any] = {"reporter": admin, "message_id": says().pk, "reason": "Rude."}
    flag_message(**about)
    action = dismiss_message_flags(moderator=asha, message_id=about["message_id"])
    has_complained = Event()

    def complain() -> None:
        with transaction.atomic():
            flag_message(**about)
            has_complained.set()
            until_somebody_waits()

    def undo() -> None:
        assert has_complained.wait(20)
        undo_action(moderator=asha, action_id=action.pk)

    _complaint, refusal = all_at_once(complain, undo)
    assert refusal.code == "changed_since"
    assert Flag.objects.filter(state="open").count() == 1


# --- members ------------------------------------------------------------------------------------


@pytest.fixture
def muted_at_once(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> Callable[[], bool]:
    """Return a race that says whether every action began where the one before it ended."""

    def race() -> bool:
        ModerationAction.objects.all().delete()
        Membership.objects.update(muted_until=None)
        days = [timezone.now() + timedelta(days=day) for day in range(1, AT_ONCE + 1)]
        member: Any = {"moderator": asha, "community_id": community.pk, "user_id": bilal.pk, "reason": "Shouting."}
        held(all_at_once(*[lambda until=until: mute_member(until=until, **member) for until in days]))
        steps = {action.before["muted_until"]: action.after["muted_until"] for action in ModerationAction.objects.all()}
        if len(steps) < ModerationAction.objects.count():
            return False
        at = None
        while at in steps:
            at = steps.pop(at)
        return not steps

    return race


def test_each_mute_begins_where_the_last_one_ended(muted_at_once: Callable[[], bool]) -> None:
    assert all(muted_at_once() for _round in range(ROUNDS))


def test_without_lock_and_condition_they_begin_at_the_same(
    guards_can_be_taken_away: None, muted_at_once: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_membership(membership: Membership, state: Any) -> None:
        membership.muted_until = state["muted_until"]
        membership.save(update_fields=["muted_until"])

    monkeypatch.setattr(acting, "_set_membership", set_membership)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert not all(muted_at_once() for _round in range(MOST_ROUNDS))


# --- complaining --------------------------------------------------------------------------------


@pytest.fixture
def flagged_at_once(all_at_once: AllAtOnce, writes: Writes, admin: CustomUser) -> Callable[[], int]:
    def race() -> int:
        post = writes("published")

        def complain() -> None:
            with suppress(Flag.MultipleObjectsReturned):  # who comes late finds the several, where several there are
                flag_post(reporter=admin, post_id=post.pk, reason="Rude.")

        assert all_at_once(*[complain] * AT_ONCE) == [None] * AT_ONCE
        return Flag.objects.filter(post=post).count()

    return race


def test_a_complaint_made_many_times_at_once_is_one(flagged_at_once: Callable[[], int]) -> None:
    assert {flagged_at_once() for _round in range(ROUNDS)} == {1}


def test_without_the_constraint_there_are_several(
    guards_can_be_taken_away: None, flagged_at_once: Callable[[], int]
) -> None:
    with without(Flag, "one_open_flag_per_post_and_reporter"):
        assert until_it_goes_wrong(flagged_at_once) > 1
