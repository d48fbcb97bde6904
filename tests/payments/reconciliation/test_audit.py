"""Everything that can disagree is found: a sound school is broken by hand in one place at a time, and named for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import AccessGrant, AccessPass, Course, Enrollment
from payments.models import (
    Coupon,
    CouponUse,
    GatewayPayment,
    Invoice,
    InvoiceCounter,
    LedgerEntry,
    Payment,
    RefundRequest,
    Subscription,
)
from payments.orders.services import settle_payment
from payments.orders.services.coupons import hold_coupon
from payments.reconciliation.audit import Kind, contradictions
from payments.reconciliation.remedies import REMEDIES
from payments.refunds.services import refund_payment, refund_surplus, settle_refund
from tests.factories.people import person
from tests.payments.factories import make_coupon, make_order, make_plan, paid_course, payment_told, refund_told

Break = Callable[[], Any]


@pytest.fixture
def school(asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser) -> Payment:
    """Bilal bought with a coupon, paid twice, and has a part back; Chitra has all back; Dev prepaid a plan.

    Returns Bilal's payment.
    """
    course, now = paid_course(asha), timezone.now()
    coupon = make_coupon()
    bought = make_order(bilal, course, discount_paise=9_980, coupon=coupon)
    hold_coupon(coupon, bought)
    for _time in range(2):
        settle_payment(snapshot=payment_told(bought), at=now)
    returned = make_order(chitra, course)
    settle_payment(snapshot=payment_told(returned), at=now)
    settle_payment(snapshot=payment_told(make_order(person("dev"), make_plan())), at=now)
    for payment, paise in ((bought, 10_000), (returned, None)):
        refund = refund_payment(payment_id=payment.pk, staff=admin, amount_paise=paise, reason="asked", at=now)
        settle_refund(snapshot=refund_told(refund), payment_snapshot=None, at=now)
    refund_surplus(attempt_id=bought.attempts.get(role="surplus").pk, at=now)
    bought.refresh_from_db()
    return bought


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def found_after(broken: Break) -> set[Kind]:
    with undone():
        broken()
        return {one.kind for one in contradictions()}


def test_a_sound_school_has_no_contradiction(school: Payment) -> None:
    assert contradictions() == []


def breaks(payment: Payment) -> dict[str, tuple[Kind, Break]]:
    """Return what can be broken by hand past every constraint, each with the kind it must be found under."""
    winning = GatewayPayment.objects.filter(payment=payment, role="winning")
    surplus = GatewayPayment.objects.filter(payment=payment, role="surplus")
    row = Payment.objects.filter(pk=payment.pk)
    grant = AccessGrant.objects.filter(reference=f"payment:{payment.pk}")
    returned = AccessGrant.objects.filter(ended_reason="refunded")
    notes = Invoice.objects.filter(kind="credit_note")
    ahead = timezone.now() + timedelta(days=90)
    return {
        "the grant is gone": (Kind.ACCESS, grant.delete),
        "the grant was taken back": (
            Kind.ACCESS,
            lambda: grant.update(ended_at=timezone.now(), ended_reason="why not"),
        ),
        "the grant is another person's": (
            Kind.ACCESS,
            lambda: grant.update(user=CustomUser.objects.get(username="dev")),
        ),
        "a refunded one opens its course": (Kind.ACCESS, lambda: returned.update(ended_at=None)),
        "paid, and the enrolment ended": (
            Kind.ENROLLMENT,
            lambda: Enrollment.objects.filter(user=payment.user).update(is_active=False),
        ),
        "refunded, and still enrolled": (
            Kind.ENROLLMENT,
            lambda: Enrollment.objects.exclude(user=payment.user).update(is_active=True),
        ),
        "the enrolment ends later than its grant": (
            Kind.ENROLLMENT,
            lambda: Enrollment.objects.filter(user=payment.user).update(expiry_date=ahead),
        ),
        "the pass is gone": (Kind.SUBSCRIPTION, AccessPass.objects.all().delete),
        "the pass ends later": (Kind.SUBSCRIPTION, lambda: AccessPass.objects.update(ends_at=ahead)),
        "a tier that nothing gives": (
            Kind.SUBSCRIPTION,
            lambda: CustomUser.objects.filter(pk=payment.user_id).update(subscription_tier="pro"),
        ),
        "a tier that was not given": (
            Kind.SUBSCRIPTION,
            lambda: CustomUser.objects.filter(username="dev").update(subscription_tier="free"),
        ),
        "a subscription that entitles nobody": (
            Kind.SUBSCRIPTION,
            lambda: Subscription.objects.update(entitled_until=None),
        ),
        "no attempt won": (Kind.ATTEMPT, lambda: winning.update(role="trying")),
        "another attempt won": (Kind.ATTEMPT, lambda: row.update(razorpay_payment_id="pay_another")),
        "the winner paid less": (Kind.ATTEMPT, lambda: winning.update(amount_paise=F("amount_paise") - 1)),
        "captured and open": (Kind.OPEN_ORDER, lambda: row.update(is_open=True)),
        "no invoice": (Kind.INVOICE, lambda: (notes.delete(), Invoice.objects.filter(payment=payment).delete())),
        "an invoice over another amount": (
            Kind.INVOICE,
            lambda: Invoice.objects.filter(payment=payment, kind="invoice").update(
                total_paise=F("total_paise") + 1, taxable_paise=F("taxable_paise") + 1
            ),
        ),
        "a gap in the numbers": (Kind.NUMBERS, lambda: InvoiceCounter.objects.update(last=F("last") + 1)),
        "a number too high": (
            Kind.NUMBERS,
            lambda: Invoice.objects.filter(sequence=2, kind="invoice").update(sequence=9),
        ),
        "no credit note": (Kind.CREDIT_NOTE, lambda: notes.filter(payment=payment).delete()),
        "a credit note over another amount": (
            Kind.CREDIT_NOTE,
            lambda: notes.update(total_paise=F("total_paise") + 1, taxable_paise=F("taxable_paise") + 1),
        ),
        "reserved and not asked for": (Kind.REFUND_SUMS, lambda: row.update(refund_reserved_paise=F("amount_paise"))),
        "refunded and not written down": (
            Kind.REFUND_SUMS,
            lambda: row.update(refunded_paise=0, status="captured"),
        ),
        "more back than came in": (Kind.SURPLUS, lambda: surplus.update(amount_paise=1)),
        "a posting that doesn't sum to zero": (
            Kind.LEDGER,
            lambda: LedgerEntry.objects.filter(account="gst").update(amount_paise=F("amount_paise") + 1),
        ),
        "a capture that was not posted": (
            Kind.LEDGER,
            lambda: LedgerEntry.objects.filter(posting=f"capture:{payment.pk}").delete(),
        ),
        "a surplus that was not posted": (
            Kind.LEDGER,
            lambda: LedgerEntry.objects.filter(posting__startswith="surplus:").delete(),
        ),
        "tax in the wrong account": (
            Kind.LEDGER,
            lambda: (
                LedgerEntry.objects.filter(posting=f"capture:{payment.pk}")
                .exclude(account="gateway")
                .update(amount_paise=-payment.amount_paise / 2)
            ),
        ),
        "a coupon counts too many": (Kind.COUPON, lambda: Coupon.objects.update(used_count=2)),
        "a captured payment's coupon is free again": (
            Kind.COUPON,
            lambda: (CouponUse.objects.update(state="released"), Coupon.objects.update(used_count=0)),
        ),
        "held by a closed order": (Kind.COUPON, lambda: CouponUse.objects.update(state="held")),
    }


def test_each_thing_that_is_broken_by_hand_is_found_for_what_it_is(school: Payment) -> None:
    wrong = {name: (kind, found_after(broken)) for name, (kind, broken) in breaks(school).items()}
    missed = {name: found for name, (kind, found) in wrong.items() if kind not in found}
    assert missed == {}


def test_every_kind_can_be_found_and_has_its_remedy(school: Payment) -> None:
    assert {kind for kind, _broken in breaks(school).values()} == set(Kind) == set(REMEDIES)


def test_a_course_bought_for_a_time_is_no_contradiction_when_the_time_is_over(
    asha: CustomUser, bilal: CustomUser
) -> None:
    course: Course = paid_course(asha, access_days=30)
    settle_payment(snapshot=payment_told(make_order(bilal, course)), at=timezone.now() - timedelta(days=31))
    assert contradictions() == []


def test_an_audit_costs_the_same_whatever_was_sold(school: Payment, bilal: CustomUser, asha: CustomUser) -> None:
    with CaptureQueriesContext(
        connection,
    ) as before:
        contradictions()
    for number in range(3):
        course = paid_course(asha, title=f"Course {number}")
        settle_payment(snapshot=payment_told(make_order(bilal, course)), at=timezone.now())
    with CaptureQueriesContext(connection) as after:
        contradictions()
    assert len(after) == len(before) <= 25


def test_a_refund_that_is_only_asked_for_is_no_contradiction(school: Payment, bilal: CustomUser) -> None:
    RefundRequest.objects.create(
        payment=school,
        attempt=school.attempts.get(role="winning"),
        amount_paise=5_000,
        origin="learner",
        idempotency_key="refund-0123456789",
    )
    Payment.objects.filter(pk=school.pk).update(refund_reserved_paise=F("refund_reserved_paise") + 5_000)
    assert contradictions() == []
