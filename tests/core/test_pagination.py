"""Pages of tables, found by the ORM or elsewhere, follow one rule (API §1)."""

from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from e_learning.core.api.errors import render_error
from e_learning.core.api.pagination import TablePagination, page_asked_for, page_of

ROWS = list(range(45))


def counted_elsewhere(query: str) -> dict[str, Any]:
    request = RequestFactory().get(f"/api/rows/?{query}")
    page, page_size = page_asked_for(request)
    rows = ROWS[(page - 1) * page_size : page * page_size]
    return dict(page_of(request, rows, count=len(ROWS)).data)


def by_the_framework(query: str) -> dict[str, Any]:
    pagination = TablePagination()
    rows = pagination.paginate_queryset(ROWS, Request(RequestFactory().get(f"/api/rows/?{query}")))
    assert rows is not None
    return dict(pagination.get_paginated_response(rows).data)


@pytest.fixture(params=[counted_elsewhere, by_the_framework])
def page(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_first_page(page: Any) -> None:
    assert page("") == {
        "count": 45,
        "next": "http://testserver/api/rows/?page=2",
        "previous": None,
        "results": ROWS[:20],
    }


def test_the_second_page_leads_back_to_the_first_address(page: Any) -> None:
    answer = page("page=2&page_size=10&level=1")

    assert answer["results"] == ROWS[10:20]
    assert answer["next"] == "http://testserver/api/rows/?level=1&page=3&page_size=10"
    assert answer["previous"] == "http://testserver/api/rows/?level=1&page_size=10"


def test_the_last_page_leads_no_further(page: Any) -> None:
    answer = page("page=3")

    assert answer["results"] == ROWS[40:]
    assert answer["next"] is None
    assert answer["previous"] == "http://testserver/api/rows/?page=2"


def test_a_page_has_at_most_a_hundred_rows(page: Any) -> None:
    assert page_asked_for(RequestFactory().get("/?page_size=100000")) == (1, 100)
    assert page("page_size=100000")["results"] == ROWS


@pytest.mark.parametrize(
    ("query", "status", "attr"),
    [
        ("page=x", 400, "page"),
        ("page=1.5", 400, "page"),
        ("page=%00", 400, "page"),
        ("page=" + "9" * 5000, 400, "page"),
        ("page_size=x", 400, "page_size"),
        ("page_size=0", 400, "page_size"),
        ("page_size=-1", 400, "page_size"),
        ("page=0", 404, None),
        ("page=-1", 404, None),
        ("page=4", 404, None),
        ("page=999999999999999999999999", 404, None),
    ],
)
def test_a_page_that_cannot_be_is_the_callers_fault(page: Any, query: str, status: int, attr: str | None) -> None:
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - ours or DRF's; what it becomes is what counts
        page(query)

    rendered = render_error(refusal.value)
    assert rendered is not None
    assert (rendered.status, rendered.body["errors"][0]["attr"]) == (status, attr)


def test_an_empty_table_has_one_empty_page() -> None:
    answer = page_of(RequestFactory().get("/api/rows/"), [], count=0).data

    assert answer == {"count": 0, "next": None, "previous": None, "results": []}


def test_what_belongs_to_the_page_stands_beside_its_rows() -> None:
    answer = page_of(RequestFactory().get("/api/rows/"), [1], count=1, did_you_mean="rows").data

    assert answer["did_you_mean"] == "rows"
