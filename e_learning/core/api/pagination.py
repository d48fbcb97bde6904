"""Pages (API §1): of tables, ``?page=1&page_size=20``; of feeds that grow at the head, ``?cursor=…``."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, DateTimeField, Q
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.pagination import BasePagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from e_learning.core.api.errors import InvalidInput, NotThere
from e_learning.core.api.paths import MOST_ID

PAGE_SIZE = 20
MOST_PAGE_SIZE = 100
#: Past it no table reaches, and an offset would no longer fit the database's integers.
MOST_PAGE = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([on])([0-9]{1,18}(?:\.[0-9]{1,18}){0,2})\.([0-9]{1,19})", re.ASCII)


class TablePagination(PageNumberPagination):
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MOST_PAGE_SIZE

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return page_asked_for(request._request)[0]

    def get_page_size(self, request: Request) -> int:
        return page_asked_for(request._request)[1]


def page_asked_for(request: HttpRequest) -> tuple[int, int]:
    """Return (page, page_size) of the query; 400 for what is no number of rows, 404 for a page that can't be."""
    page, page_size = _number(request, "page", 1), _page_size(request)
    if not 1 <= page <= MOST_PAGE:
        raise NotThere
    return page, page_size


def _page_size(request: HttpRequest) -> int:
    page_size = _number(request, "page_size", PAGE_SIZE)
    if page_size < 1:
        raise InvalidInput(attr="page_size")
    return min(page_size, MOST_PAGE_SIZE)


def _number(request: HttpRequest, name: str, default: int) -> int:
    try:
        return int(request.GET.get(name) or default)
    except ValueError as error:
        raise InvalidInput(attr=name) from error


def page_of(request: HttpRequest, results: Sequence[Any], *, count: int, **beside: Any) -> Response:
    """Answer a page whose rows and count were found elsewhere, with ``beside`` next to ``results``."""
    page, page_size = page_asked_for(request)
    if page > 1 and not results:
        raise NotThere
    address = request.build_absolute_uri()
    following = replace_query_param(address, "page", page + 1) if page * page_size < count else None
    preceding = None
    if page == 2:
        preceding = remove_query_param(address, "page")
    elif page > 2:
        preceding = replace_query_param(address, "page", page - 1)
    return Response({"count": count, "next": following, "previous": preceding, **beside, "results": results})


# What ``page_of`` answers, for the schema. A page of one kind adds its ``results`` (and would inherit a docstring).
class PageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The row that a page of a feed begins after, by its place, and the way the page goes from there.

    ``place`` is what the row has in the columns of the feed's order, the id last.
    """

    is_upwards: bool
    place: tuple[Any, ...]

    def __str__(self) -> str:
        plain = ("n" if self.is_upwards else "o") + ".".join(str(_as_number(value)) for value in self.place)
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def beyond(self, columns: Sequence[str], *, is_descending: bool) -> Q:
        """The rows past this one. The first condition alone is what an index of the first column can use."""
        way = "gt" if self.is_upwards is is_descending else "lt"
        *before, (last, value) = zip(columns, self.place, strict=True)
        past = Q(**{f"{last}__{way}": value})
        for column, value in reversed(before):
            past = Q(**{f"{column}__{way}": value}) | (Q(**{column: value}) & past)
        return Q(**{f"{columns[0]}__{way}e": self.place[0]}) & past


def _as_number(value: Any) -> int:
    return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else int(value)


def _from_number(field: Any, number: int) -> Any:
    if isinstance(field, DateTimeField):
        return _EPOCH + timedelta(microseconds=number)
    return (False, True)[number] if isinstance(field, BooleanField) else number


def _cursor_in(text: str, fields: Sequence[Any]) -> _Cursor:
    """Return the cursor of a feed that is ordered by ``fields`` and the id; 400 for any other text."""
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        side, numbers, row_id = _CURSOR.fullmatch(plain).groups()  # type: ignore[union-attr]  # None is caught below
        place = [_from_number(*pair) for pair in zip(fields, map(int, numbers.split(".")), strict=True)]
    except (ValueError, AttributeError, LookupError, OverflowError) as error:
        # No base64, no cursor of ours or of another order, no truth value, past the year 9999.
        raise InvalidInput(attr="cursor") from error
    if int(row_id) > MOST_ID:
        raise InvalidInput(attr="cursor")
    return _Cursor(side == "n", (*place, int(row_id)))


class FeedPagination(BasePagination):
    """Pages of a feed that grows at its head, newest first: ``{next, previous, results}``.

    A page is found by the row it begins after, so rows that come or move to the head shift no page:
    going down shows nothing twice. One statement a page, however deep. The view names the column
    of the time in ``feed_time``; it is never null, and the id decides between equal times. A cursor
    that was not ours is 400.

    A view with another order says it in ``feed_order``, as ``order_by`` takes it: one to three columns of times,
    numbers or truths that are never null, all of them descending or all ascending (then the feed grows at its foot).
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        order = getattr(view, "feed_order", None) or [f"-{view.feed_time}"]
        is_descending = order[0].startswith("-")
        self.address, self.columns = request.build_absolute_uri(), [*(column.lstrip("-") for column in order), "id"]
        size, text = _page_size(request._request), request.query_params.get("cursor")
        fields = [queryset.model._meta.get_field(column) for column in self.columns[:-1]]
        cursor = _cursor_in(text, fields) if text else None
        upwards = cursor is not None and cursor.is_upwards
        rows = queryset if cursor is None else queryset.filter(cursor.beyond(self.columns, is_descending=is_descending))
        sign = "" if upwards is is_descending else "-"
        found = list(rows.order_by(*(f"{sign}{column}" for column in self.columns))[: size + 1])
        there_are_more, page = len(found) > size, found[:size]
        # Where the caller came from there was a row; ahead of them, one more than asked for tells.
        self.has_older = upwards or there_are_more
        self.has_newer = there_are_more if upwards else cursor is not None
        self.page = page[::-1] if upwards else page
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(self.page[-1], upwards=False) if self.has_older and self.page else None,
                "previous": self._link(self.page[0], upwards=True) if self.has_newer and self.page else None,
                "results": data,
            }
        )

    def _link(self, row: Any, *, upwards: bool) -> str:
        cursor = _Cursor(upwards, tuple(getattr(row, column) for column in self.columns))
        return str(replace_query_param(self.address, "cursor", str(cursor)))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        number = {"type": "integer", "minimum": 1, "default": PAGE_SIZE}
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "required": False, "schema": number},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
