"""Does access agree with the money, and do enrolments follow from what gives access?"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from courses.api import enrollments_out_of_line, live_grants
from payments.orders.models import Payment
from payments.orders.services import reference_of
from payments.reconciliation.audit.findings import CAPTURED, Contradiction, Kind

Bought = dict[str, tuple[int, int]]


def bought_and_open(_at: datetime) -> Iterator[Contradiction]:
    """Each course that was paid for, and not wholly refunded, stands granted; nothing else is granted as bought.

    A grant past its own end counts as standing: what was bought was time.
    """
    paid, granted = _paid(), _granted()
    for reference in paid:
        if granted.get(reference) != paid[reference]:
            yield Contradiction(Kind.ACCESS, reference, "captured and not refunded, and doesn't open its course")
    for reference in granted:
        if reference not in paid:
            yield Contradiction(Kind.ACCESS, reference, "opens a course, and is not captured, or refunded")


def unopened_payments() -> list[int]:
    """Return the ids of the payments that bought a course, were not wholly refunded, and don't open it."""
    granted = _granted()
    return [int(reference.rpartition(":")[2]) for reference in _paid() if reference not in granted]


def _paid() -> Bought:
    kept = Payment.objects.filter(~Q(status=Payment.Status.REFUNDED), status__in=CAPTURED, course__isnull=False)
    rows = kept.order_by("pk").values_list("pk", "user_id", "course_id").iterator()
    return {reference_of(pk): (user_id, course_id) for pk, user_id, course_id in rows}


def _granted() -> Bought:
    return {
        reference: (user_id, course_id)
        for source in ("purchase", "coupon")
        for reference, user_id, course_id in live_grants(source)
    }


def enrollments(at: datetime) -> Iterator[Contradiction]:
    """Every enrolment is open as long as its grants say."""
    for pk in enrollments_out_of_line(at=at).values_list("pk", flat=True):
        yield Contradiction(Kind.ENROLLMENT, f"enrollment:{pk}", "is not open as its grants say")
