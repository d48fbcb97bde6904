"""Pages of rows whose number is known already."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from e_learning.core.api.pagination import page_asked_for

Row = TypeVar("Row", bound=Model)


def page_rows(request: Request, rows: QuerySet[Row], count: int) -> list[Row]:
    """Return the rows of the page asked for; no statement where there can be none."""
    page, page_size = page_asked_for(request._request)
    first = (page - 1) * page_size
    return list(rows[first : first + page_size]) if first < count else []
