"""Pages (API §1): of tables, ``?page=1&page_size=20``; of feeds that grow at the head, ``?cursor=…``."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
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
_CURSOR = re.compile(r"([on])([0-9]{1,18})\.([0-9]{1,19})", re.ASCII)


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
    """The row that a page of a feed begins after, by its place, and the way the page goes from there."""

    is_upwards: bool
    at: datetime
    id: int

    def __str__(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        plain = f"{'n' if self.is_upwards else 'o'}{micros}.{self.id}"
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def beyond(self, time: str) -> Q:
        """The rows past this one. The first condition alone is what an index of the time can use."""
        way = "gt" if self.is_upwards else "lt"
        tied = Q(**{time: self.at, f"id__{way}": self.id})
        return Q(**{f"{time}__{way}e": self.at}) & (Q(**{f"{time}__{way}": self.at}) | tied)


def _cursor_in(text: str) -> _Cursor:
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        side, micros, row_id = _CURSOR.fullmatch(plain).groups()  # type: ignore[union-attr]  # None is caught below
        cursor = _Cursor(side == "n", _EPOCH + timedelta(microseconds=int(micros)), int(row_id))
    except (ValueError, AttributeError, OverflowError) as error:  # no base64, no cursor of ours, past the year 9999
        raise InvalidInput(attr="cursor") from error
    if cursor.id > MOST_ID:
        raise InvalidInput(attr="cursor")
    return cursor


class FeedPagination(BasePagination):
    """Pages of a feed that grows at its head, newest first: ``{next, previous, results}``.

    A page is found by the row it begins after, so rows that come or move to the head shift no page:
    going down shows nothing twice. One statement a page, however deep. The view names the column
    of the time in ``feed_time``; it is never null, and the id decides between equal times. A cursor
    that was not ours is 400.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.address, self.time = request.build_absolute_uri(), view.feed_time
        size, text = _page_size(request._request), request.query_params.get("cursor")
        cursor = _cursor_in(text) if text else None
        upwards = cursor is not None and cursor.is_upwards
        rows = queryset if cursor is None else queryset.filter(cursor.beyond(self.time))
        sign = "" if upwards else "-"
        found = list(rows.order_by(f"{sign}{self.time}", f"{sign}id")[: size + 1])
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
        cursor = _Cursor(upwards, getattr(row, self.time), row.pk)
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
