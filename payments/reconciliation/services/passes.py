"""One pass over rows: each in its own try, oldest question first, and no longer than the gateway answers."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from payments.gateways.base import Gateway, GatewayBusy, GatewayRefused, GatewayUnreachable
from payments.reconciliation.reports import Failure, Mended, Report

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)
#: So many calls in a row without an answer, and the rest waits for the next pass: each may last ten seconds.
MOST_UNANSWERED = 3
_PAGE = 100


class NoAnswers(Exception):
    """The gateway does not answer, or asks to be left alone: nothing more is asked in this pass."""


@dataclass(slots=True)
class Pass:
    """What a pass works with, and its report. At most ``most`` rows of a kind; ``days`` back where that is asked."""

    gateway: Gateway
    now: datetime
    most: int
    days: int | None
    report: Report
    unanswered: int = 0

    def over(self, kind: str, rows: QuerySet[Row], work: Callable[["Pass", Row], None]) -> None:
        """Do ``work`` on those ``rows`` that nobody has asked about since this pass began, the longest unasked first.

        Each is claimed by moving its ``checked_at``: two passes at once divide them, and a row that fails every
        time goes to the end of the queue.
        """
        unasked = rows.filter(Q(checked_at=None) | Q(checked_at__lt=self.now))
        order = (F("checked_at").asc(nulls_first=True), "pk")
        done = 0
        while done < self.most:
            page = list(unasked.order_by(*order)[: min(_PAGE, self.most - done)])
            if not page:
                return
            done += len(page)
            for row in page:
                if self.claims(unasked.filter(pk=row.pk)):
                    self.on(kind, row, work)

    def claims(self, unasked: QuerySet[Row]) -> bool:
        """Take one row for this pass; says whether another has not just taken it."""
        return bool(unasked.update(checked_at=max(self.now, timezone.now())))

    def on(self, kind: str, row: Row, work: Callable[["Pass", Row], None]) -> None:
        """Do ``work`` on one row; what goes wrong is noted, and hurts only this row."""
        self.report.asked[kind] += 1
        with self.alone(f"{row._meta.model_name}:{row.pk}"):
            work(self, row)

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Note what goes wrong inside as a failure of ``what``. Raises ``NoAnswers`` where asking on is of no use."""
        try:
            yield
        except (GatewayUnreachable, GatewayBusy) as error:
            self._unanswered(what, error)
        except GatewayRefused as refusal:  # such as a row of test mode, which a live key knows nothing of
            logger.warning("reconciling %s: %s", what, refusal)
            self.unanswered = 0
            self.failed(what, f"{type(refusal).__name__}: {refusal}")
        except Exception as error:  # one row's fault must not keep the others from being mended
            logger.exception("reconciling %s failed", what)
            self.unanswered = 0
            self.failed(what, f"{type(error).__name__}: {error}")
        else:
            self.unanswered = 0

    def mended(self, what: str, detail: str) -> None:
        logger.warning("reconciling mended %s: %s", what, detail)
        self.report.mended.append(Mended(what, detail))

    def failed(self, what: str, error: str) -> None:
        self.report.failures.append(Failure(what, error[:300]))

    def _unanswered(self, what: str, error: GatewayUnreachable | GatewayBusy) -> None:
        self.unanswered += 1
        self.report.gateway_error = str(error.code)
        self.failed(what, str(error.code))
        if isinstance(error, GatewayBusy) or self.unanswered >= MOST_UNANSWERED:
            raise NoAnswers from error
