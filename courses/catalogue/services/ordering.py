"""Order among siblings: 1, 2, 3… as they are listed."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Content, Module
from e_learning.core.api.errors import InvalidInput

Placed = TypeVar("Placed", Module, Content)


class IncompleteOrder(InvalidInput):
    code = "incomplete_order"
    message = _("Name each of the siblings once, and nothing else.")

    def __init__(self) -> None:
        super().__init__(attr="ids")


def next_place(siblings: QuerySet[Module] | QuerySet[Content]) -> int:
    return int(siblings.aggregate(last=Max("order"))["last"] or 0) + 1


def put_in_order(siblings: QuerySet[Placed], ids: Sequence[int]) -> None:
    """Number the siblings in the order of ``ids``, in one update; 400 unless ids are exactly theirs, each once."""
    rows = {row.pk: row for row in siblings}
    if len(ids) != len(rows) or rows.keys() != set(ids):
        raise IncompleteOrder
    for place, pk in enumerate(ids, start=1):
        rows[pk].order = place
    siblings.bulk_update(rows.values(), ["order"])
