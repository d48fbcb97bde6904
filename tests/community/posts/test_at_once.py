"""Many at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError

from accounts.models import CustomUser
from community.models import CommunityGroup, Post, PostView, Reaction
from community.posts.services import (
    ChangedMeanwhile,
    give_back,
    moving,
    react,
    reacting,
    remove_own_post,
    see_post,
    seeing,
    set_status,
    take_down,
    update_post,
)
from e_learning.core.api.errors import NotThere
from tests.community.posts.conftest import wrote
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.guards import without
from tests.thorough import times

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("membership"),
]
AT_ONCE = 8
ROUNDS = times(20, few=2)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def begin(asha: CustomUser, community: CommunityGroup) -> Callable[[], Post]:
    """Return a function that begins one more discussion."""
    return lambda: wrote(asha, community)


def counts_are_right(*posts: Post) -> bool:
    """Say whether every count is what its rows are; with ``posts`` as they were begun."""
    rows = Post.objects.filter(pk__in=[post.pk for post in posts])
    replies = all(post.reply_count == Post.objects.counted().filter(parent=post).count() for post in rows)
    views = all(post.view_count == PostView.objects.filter(post=post).count() for post in rows)
    groups = CommunityGroup.objects.filter(pk__in=[post.community_id for post in posts])
    posted = all(
        group.post_count == Post.objects.counted().filter(community=group, parent=None).count() for group in groups
    )
    return replies and views and posted


# --- states and counts --------------------------------------------------------------------------


def as_each_saw_it(post: Post) -> list[Post]:
    """Return the row as often as there are people, all of them having looked before anybody moved it."""
    return [Post.objects.get(pk=post.pk) for _one in range(AT_ONCE)]


def removed_at_once(all_at_once: AllAtOnce, begin: Callable[[], Post]) -> bool:
    begin(), begin()  # so that a count too many stays above zero
    post = begin()
    outcomes = all_at_once(*[lambda seen=seen: take_down(post=seen) for seen in as_each_saw_it(post)])
    refused = [one for one in outcomes if isinstance(one, ChangedMeanwhile)]
    return len(refused) == AT_ONCE - 1 and counts_are_right(post)


def test_of_many_removals_at_once_one_counts(all_at_once: AllAtOnce, begin: Callable[[], Post]) -> None:
    for _round in range(ROUNDS):
        assert removed_at_once(all_at_once, begin)


@pytest.mark.usefixtures("counts_need_not_add_up")
def test_without_the_condition_several_count(
    all_at_once: AllAtOnce, begin: Callable[[], Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_as_seen", lambda post: Post.objects.filter(pk=post.pk))
    with pytest.raises((AssertionError, DatabaseError)):
        assert removed_at_once(all_at_once, begin)


def everything_at_once(all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser, asha: CustomUser) -> bool:
    """Replies come, go, are rejected and given back while their discussion is changed, read and removed."""
    post = begin()
    own, other, third = (wrote(bilal, post.community, parent=post) for _reply in range(3))
    outcomes = all_at_once(
        lambda: wrote(bilal, post.community, parent=post),
        lambda: wrote(asha, post.community, parent=post),
        lambda: remove_own_post(author=bilal, post_id=own.pk),
        lambda: give_back(post=take_down(post=Post.objects.get(pk=other.pk))),
        lambda: set_status(post=Post.objects.get(pk=third.pk), status=Post.Status.REJECTED),
        lambda: update_post(editor=asha, post_id=post.pk, values={"content": "Changed"}),
        lambda: see_post(user=bilal, post_id=post.pk),
        lambda: take_down(post=Post.objects.get(pk=post.pk)),
    )
    assert all(isinstance(one, Post | ChangedMeanwhile | NotThere) for one in outcomes)
    return counts_are_right(post)


def test_whatever_happens_at_once_the_counts_are_right(
    all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser, asha: CustomUser
) -> None:
    for _round in range(times(20, few=3)):
        assert everything_at_once(all_at_once, begin, bilal, asha)


@pytest.mark.usefixtures("counts_need_not_add_up")
def test_counts_that_are_read_and_written_back_go_wrong(
    all_at_once: AllAtOnce,
    begin: Callable[[], Post],
    bilal: CustomUser,
    asha: CustomUser,
    on_postgresql: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite lets one writer in at a time, so a count that was read there is never too old")

    def count_in_python(post: Post, *, by: int) -> None:
        for above in Post.objects.filter(replies=post):
            Post.objects.filter(pk=above.pk).update(reply_count=above.reply_count + by)

    monkeypatch.setattr(moving, "count", count_in_python)
    assert not all(everything_at_once(all_at_once, begin, bilal, asha) for _round in range(MOST_ROUNDS))


# --- views --------------------------------------------------------------------------------------


def views_of_one(all_at_once: AllAtOnce, post: Post, reader: CustomUser) -> int:
    all_at_once(*[lambda: see_post(user=reader, post_id=post.pk)] * AT_ONCE)
    return Post.objects.get(pk=post.pk).view_count


def test_opened_many_times_at_once_it_is_one_view(
    all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser
) -> None:
    for _round in range(ROUNDS):
        assert views_of_one(all_at_once, begin(), bilal) == 1


def test_without_the_constraint_it_is_several(
    all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeing, "_FIRST_TODAY", seeing._FIRST_TODAY.replace("(post_id, user_id, day) DO", "DO"))
    with without(PostView, "one_view_per_person_and_day"):
        assert any(views_of_one(all_at_once, begin(), bilal) > 1 for _round in range(MOST_ROUNDS))


# --- reactions ----------------------------------------------------------------------------------


def reactions_of_one(all_at_once: AllAtOnce, post: Post, person: CustomUser) -> int:
    kinds = [*Reaction.Kind, *Reaction.Kind][
        :AT_ONCE
    ]  # an odd number of some: in pairs they would take each other back
    works = [lambda kind=kind: react(user=person, post_id=post.pk, reaction_type=kind) for kind in kinds]
    assert not any(isinstance(outcome, Exception) for outcome in all_at_once(*works))
    return Reaction.objects.filter(post=post).count()


def test_of_many_reactions_at_once_one_stands_at_most(
    all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser
) -> None:
    for _round in range(ROUNDS):
        assert reactions_of_one(all_at_once, begin(), bilal) <= 1


def test_without_the_constraint_several_stand(
    all_at_once: AllAtOnce, begin: Callable[[], Post], bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_if_none_was_seen(post: Post, user: CustomUser, reaction_type: str) -> None:
        Reaction.objects.create(post=post, user=user, reaction_type=reaction_type)

    monkeypatch.setattr(reacting, "_set_reaction", set_if_none_was_seen)
    with without(Reaction, "one_reaction_per_person"):
        assert any(reactions_of_one(all_at_once, begin(), bilal) > 1 for _round in range(MOST_ROUNDS))
