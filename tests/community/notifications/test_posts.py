"""A post tells its readers, each once and by what concerns them most."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from community.models import CommunityGroup, Membership, Notification, Post
from community.notifications import tasks
from community.notifications.services import tell_of_post, telling, telling_of_posts, untold_post_ids
from tests.community.notifications.told import told_of
from tests.factories.communities import join
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def write(author: CustomUser, community: CommunityGroup, content: str = "Words", **fields: Any) -> Post:
    values = {"title": "Letters", "content": content, "content_html": content} | fields
    return Post.objects.create(community=community, author=author, **values)


def test_a_discussion_tells_every_other_member_once(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, community: CommunityGroup
) -> None:
    post = write(asha, community)

    assert tell_of_post(post_id=post.pk) == 1
    assert tell_of_post(post_id=post.pk) == 0
    row = Notification.objects.get()
    assert (row.user_id, row.notification_type, row.title, row.message) == (
        bilal.pk, "new_post", "Asha began a discussion in Alphabet in Signs", "Letters",
    )  # fmt: skip
    assert (row.actor_id, row.community_id, row.post_id) == (asha.pk, community.pk, post.pk)


def test_who_is_mentioned_hears_of_that_and_of_nothing_else(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    tell_of_post(post_id=write(asha, community, "Look, @Bilal.").pk)

    assert told_of(bilal) == [("new_mention", "Asha mentioned you in Alphabet in Signs")]


def test_a_reply_tells_whom_it_answers_and_whom_it_mentions_alone(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    dilip, esha = person("dilip"), person("esha")
    join(dilip, community), join(esha, community)
    question = write(bilal, community, told_at=timezone.now())
    tell_of_post(post_id=write(asha, community, "As @dilip said", title="", parent=question).pk)

    assert told_of(bilal) == [("new_reply", "Asha replied to you in Alphabet in Signs")]
    assert told_of(dilip) == [("new_mention", "Asha mentioned you in Alphabet in Signs")]
    assert told_of(esha) == []


def test_who_may_not_read_is_not_told(asha: CustomUser, bilal: CustomUser, community: CommunityGroup) -> None:
    Membership.objects.filter(user=bilal).update(left_at=timezone.now())
    tell_of_post(post_id=write(asha, community, "@bilal").pk)
    Membership.objects.filter(user=bilal).update(left_at=None)
    CommunityGroup.objects.update(visibility="private")
    tell_of_post(post_id=write(asha, community, "@bilal").pk)

    assert told_of(bilal) == []


@pytest.mark.parametrize("fields", [{"status": "pending"}, {"status": "rejected"}, {"deleted_at": timezone.now()}])
def test_what_nobody_may_read_is_not_told(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup, fields: Any
) -> None:
    post = write(asha, community, **fields)

    assert untold_post_ids() == []
    assert tell_of_post(post_id=post.pk) == 0
    assert told_of(bilal) == []


def test_the_sweep_finds_what_was_not_woken(asha: CustomUser, bilal: CustomUser, community: CommunityGroup) -> None:
    post = write(asha, community)
    tasks.sweep_notifications()

    assert len(told_of(bilal)) == 1
    assert Post.objects.get(pk=post.pk).told_at is not None
    assert untold_post_ids() == []


def test_a_telling_that_broke_off_is_finished_by_the_next(
    asha: CustomUser, community: CommunityGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches of two, and killed after the first."""
    people = [person(f"learner{number}") for number in range(5)]
    for one in people:
        join(one, community)
    monkeypatch.setattr(telling_of_posts, "BATCH", 2)
    post = write(asha, community)
    batches = telling_of_posts._readers(post)
    next(batches)
    telling_of_posts._tell(post, *next(batches))

    assert Notification.objects.count() == 1  # the batch held the author too
    assert tell_of_post(post_id=post.pk) == 5
    assert sorted(Notification.objects.values_list("user", flat=True).distinct()) == sorted(
        Membership.objects.exclude(user=asha).values_list("user", flat=True)
    )
    assert telling.BATCH > 2
