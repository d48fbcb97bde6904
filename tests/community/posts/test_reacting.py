"""One reaction a person and post."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Post, Reaction
from tests.community.posts.conftest import POSTS, address, wrote

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(asha: CustomUser, community: CommunityGroup) -> Post:
    return wrote(asha, community)


def felt(client: APIClient, post: Post, kind: str, **extra: Any) -> tuple[dict[str, int], str | None]:
    response = client.post(address(post, "react/"), {"reaction_type": kind}, **extra)
    assert response.status_code == 200, response.content
    return response.json()["reactions"], response.json()["my_reaction"]


def test_another_takes_its_place_and_the_same_again_takes_it_back(bilals: APIClient, post: Post) -> None:
    assert felt(bilals, post, "like") == ({"like": 1}, "like")
    assert felt(bilals, post, "love") == ({"love": 1}, "love")
    assert felt(bilals, post, "love") == ({}, None)


def test_everybody_sees_all_of_them_and_which_is_their_own(bilals: APIClient, ashas: APIClient, post: Post) -> None:
    felt(bilals, post, "like")
    assert felt(ashas, post, "like") == ({"like": 2}, "like")
    assert felt(ashas, post, "question") == ({"like": 1, "question": 1}, "question")
    for at in (address(post), POSTS):
        body = bilals.get(at).json()
        row = body["results"][0] if "results" in body else body
        assert (row["reactions"], row["my_reaction"]) == ({"like": 1, "question": 1}, "like")


def test_sent_again_with_its_key_it_is_not_taken_back(bilals: APIClient, post: Post) -> None:
    for _time in range(2):
        assert felt(bilals, post, "like", headers={"Idempotency-Key": "k"}) == ({"like": 1}, "like")
    assert Reaction.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"reaction_type": "hate"}, {"reaction_type": None}, {"reaction_type": ["like"]}, []]
)
def test_nothing_else_is_felt(bilals: APIClient, post: Post, body: Any) -> None:
    assert bilals.post(address(post, "react/"), body).status_code == 400
