"""Asha teaches in the community, Bilal writes in it, somebody moderates it; Chitra is not in it."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.services import Draft, Posted, post_messages, room_of_community
from community.models import CommunityGroup, Message, Post
from community.posts.services import create_post, set_status
from tests.conftest import ClientFor
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person

Writes = Callable[..., Post]
Says = Callable[..., Message]


@pytest.fixture
def community(asha: CustomUser, bilal: CustomUser) -> CommunityGroup:
    """Where posts of members wait for approval."""
    made = make_community(make_course(asha, is_published=True), require_post_approval=True)
    join(bilal, made)
    return made


@pytest.fixture
def moderator(community: CommunityGroup) -> CustomUser:
    """Somebody who learns too, and moderates."""
    somebody = person("moderator")
    join(somebody, community, role="moderator")
    return somebody


@pytest.fixture
def moderators(moderator: CustomUser, client_for: ClientFor) -> APIClient:
    return client_for(moderator)


@pytest.fixture
def writes(community: CommunityGroup, bilal: CustomUser) -> Writes:
    """Return a function that posts as Bilal, or somebody else; ``status`` as it shall be."""

    def write(status: str = "", author: CustomUser | None = None, **values: Any) -> Post:
        given = {"title": "Tabla", "content": "Who plays?"} | values
        post = create_post(author=author or bilal, community_id=community.pk, **given)
        if status and status != post.status:
            set_status(post=post, status=Post.Status(status))
        return post

    return write


@pytest.fixture
def says(community: CommunityGroup, bilal: CustomUser) -> Says:
    """Return a function that says something in the chat as Bilal, or somebody else."""

    def say(text: str = "Hello", sender: CustomUser | None = None) -> Message:
        room_id = room_of_community(community.pk)
        [posted] = post_messages([Draft(room_id=room_id, sender_id=(sender or bilal).pk, text=text)])
        assert isinstance(posted, Posted)
        return Message.objects.get(pk=posted.message_id)

    return say


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]
