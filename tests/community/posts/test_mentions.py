"""Who is called by ``@username``."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from community.models import CommunityGroup, Membership
from community.posts.mentions import MOST_MENTIONED, mentioned_in, names_mentioned
from tests.factories.communities import join


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("@bilal", ["bilal"]),
        ("Hello @bilal, and @asha!", ["bilal", "asha"]),
        ("Ask @bilal. Then @asha...", ["bilal", "asha"]),
        ("(@bilal) [@asha] *@chitra* **@admin**", ["bilal", "asha", "chitra", "admin"]),
        ("# @bilal\n\n> @asha\n\n- @chitra\n\n| @admin |\n|---|", ["bilal", "asha", "chitra", "admin"]),
        ("@bilal @Bilal @bilal", ["bilal", "Bilal"]),
        ("@bilal_k @a-b @a.b @ёж @a__b__c", ["bilal_k", "a-b", "a.b", "ёж", "a__b__c"]),
        ("[ask @bilal](https://example.com/@asha)", ["bilal"]),
        ("bilal@demo.school <bilal@demo.school> mailto:x@y", []),
        ("@bilal@demo.school https://example.com/@asha a/@b x.@y", []),
        ("`@bilal` and\n\n```\n@asha\n```\n\n    @chitra", []),
        ("@ @. @@ @@bilal", []),
        (f"@{'x' * 41}", []),
        ("|a" * 1500 + "\n" + "\n" * 50 + "@bilal", ["bilal"]),
        ("", []),
    ],
)
def test_names_are_read_as_people_mean_them(content: str, names: list[str]) -> None:
    assert names_mentioned(content) == names


def test_a_post_calls_twenty_at_most() -> None:
    assert names_mentioned(" ".join(f"@u{number}" for number in range(50))) == [
        f"u{number}" for number in range(MOST_MENTIONED)
    ]


@pytest.mark.django_db
def test_awake_members_are_meant_whatever_the_letters_case(
    community: CommunityGroup, membership: Membership, asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    content = "@BILAL, @asha, @chitra and @nobody"
    assert mentioned_in(content, community.pk) == [asha.pk, bilal.pk]
    join(chitra, community)
    assert mentioned_in(content, community.pk) == [asha.pk, bilal.pk, chitra.pk]
    chitra.enrollments.update(is_active=False)
    assert mentioned_in(content, community.pk) == [asha.pk, bilal.pk]


@pytest.mark.django_db
def test_it_is_one_statement_and_none_for_nobody(community: CommunityGroup) -> None:
    taken = []
    for content in ("nobody", "@bilal", "@asha @bilal @chitra"):
        with CaptureQueriesContext(connection) as statements:
            mentioned_in(content, community.pk)
        taken.append(len(statements))
    assert taken == [0, 1, 1]
