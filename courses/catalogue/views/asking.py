"""How the room's lists read their query."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from e_learning.core.api.pagination import page_asked_for

Row = TypeVar("Row", bound=Model)


def asked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the validated query; an empty value asks nothing. 400 for a value that can't be."""
    query = serializer(data={name: value for name, value in request.query_params.items() if value})
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def page_rows(request: Request, rows: QuerySet[Row], count: int) -> list[Row]:
    """Return the rows of the page asked for; no statement where there can be none."""
    page, page_size = page_asked_for(request._request)
    first = (page - 1) * page_size
    return list(rows[first : first + page_size]) if first < count else []
