"""Pages of feeds that grow at the head, on rows of mail: newest first, nothing twice, nothing left out."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request

from e_learning.core.api.errors import InvalidInput
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.models import IdempotentAnswer
from tests.factories.people import person

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def owner() -> Any:
    return person("bilal")


def row(owner: Any, key: str, at: datetime) -> None:
    IdempotentAnswer.objects.create(user_id=owner.pk, key=key, fingerprint="", created_at=at)


@pytest.fixture
def feed(owner: Any) -> Any:
    """Seven rows, of which three share a time."""
    for number, minute in enumerate((0, 1, 2, 2, 2, 3, 4)):
        row(owner, str(number), START + timedelta(minutes=minute))


def page(address: str) -> dict[str, Any]:
    pagination = FeedPagination()
    request = Request(RequestFactory().get(address))
    view = SimpleNamespace(feed_time="created_at")
    rows = pagination.paginate_queryset(IdempotentAnswer.objects.all(), request, view)
    return dict(pagination.get_paginated_response([found.key for found in rows]).data)


def keys_down(size: int, address: str | None = None) -> list[list[str]]:
    pages, address = [], address or f"/api/rows/?page_size={size}"
    while address:
        answer = page(address)
        pages.append(answer["results"])
        address = answer["next"]
    return pages


ALL = ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_the_pages_hold_every_row_once_newest_first(size: int, feed: None) -> None:
    pages = keys_down(size)
    assert [key for found in pages for key in found] == ALL
    assert [len(found) for found in pages[:-1]] == [size] * (len(pages) - 1)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_way_up_shows_the_same_pages(size: int, feed: None) -> None:
    down, answer = [], page(f"/api/rows/?page_size={size}")
    while answer["next"]:
        down.append(answer["results"])
        answer = page(answer["next"])
    up: list[list[str]] = []
    while answer["previous"]:
        answer = page(answer["previous"])
        up.insert(0, answer["results"])
    assert up == down


def test_rows_that_come_shift_no_page(owner: Any, feed: None) -> None:
    first = page("/api/rows/?page_size=3")
    row(owner, "new", START + timedelta(hours=1))
    assert page(first["next"])["results"] == ["3", "2", "1"]
    second = page(first["next"])
    back = page(second["previous"])
    assert back["results"] == ["6", "5", "4"]
    assert page(back["previous"])["results"] == ["new"]
    assert page(back["previous"])["previous"] is None


def test_the_first_page_has_none_before_it_and_the_last_none_after(feed: None) -> None:
    assert page("/api/rows/")["previous"] is page("/api/rows/")["next"] is None
    assert page("/api/rows/?page_size=3")["previous"] is None


def test_an_empty_feed_is_one_empty_page() -> None:
    assert page("/api/rows/") == {"next": None, "previous": None, "results": []}


def test_links_keep_the_rest_of_the_query(feed: None) -> None:
    following = page("/api/rows/?kind=a&page_size=3")["next"]
    assert following.startswith("http://testserver/api/rows/?")
    assert "kind=a" in following
    assert "page_size=3" in following


def test_a_page_is_one_statement_however_deep(feed: None) -> None:
    second = page("/api/rows/?page_size=2")["next"]
    for address in ("/api/rows/?page_size=2", second, page(second)["next"]):
        with CaptureQueriesContext(connection) as statements:
            page(address)
        assert len(statements) == 1


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "%00", "a" * 5000, "é", "=", "bm9uZQ", "b25lLjE", "bzk5OTk5OTk5OTk5OTk5OTk5OS4x",
        "bzEuOTk5OTk5OTk5OTk5OTk5OTk5OQ", "by0xLjE", "b8KyLjE",
    ],
)  # fmt: skip
def test_a_cursor_that_was_never_ours_is_400(cursor: str, feed: None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        page(f"/api/rows/?cursor={cursor}")
    assert (refusal.value.status, refusal.value.attr) == (400, "cursor")


@pytest.mark.parametrize(("size", "rows"), [("100000", 7), ("", 7), ("2", 2)])
def test_a_page_has_at_most_a_hundred_rows(size: str, rows: int, feed: None) -> None:
    assert len(page(f"/api/rows/?page_size={size}")["results"]) == rows


@pytest.mark.parametrize("size", ["0", "-1", "x", "9" * 5000])
def test_a_size_that_cannot_be_is_400(size: str) -> None:
    with pytest.raises(InvalidInput):
        page(f"/api/rows/?page_size={size}")
