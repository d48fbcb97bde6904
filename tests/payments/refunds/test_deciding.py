"""Staff decide, by services; the rest may not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course
from e_learning.core.api.errors import ApiError, NotAllowed, NotThere
from payments.models import Payment, RefundRequest
from payments.orders.services import PaymentNotCaptured
from payments.refunds.services import (
    DecidedAlready,
    RefundTooLarge,
    approve_refund,
    refund_payment,
    reject_refund,
    retry_refund,
)
from tests.payments.factories import PRICE_PAISE, gateway_id, make_order, paid_course, refund_told
from tests.payments.refunds.paid import asked_back, paid_for, standing, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha)


@pytest.fixture
def payment(bilal: CustomUser, course: Course) -> Payment:
    return paid_for(bilal, course)


def decide(service: Callable[..., RefundRequest], refund: RefundRequest, staff: CustomUser, notes: str = "") -> Any:
    return service(refund_id=refund.pk, staff=staff, notes=notes, at=timezone.now())


def give_back(payment: Payment, staff: CustomUser, amount_paise: int | None = None) -> RefundRequest:
    return refund_payment(
        payment_id=payment.pk, staff=staff, amount_paise=amount_paise, reason="Goodwill.", at=timezone.now()
    )


def test_approved_refund_is_due_and_says_who_and_why(payment: Payment, admin: CustomUser) -> None:
    refund = decide(approve_refund, asked_back(payment), admin, "Welcome.")
    assert (refund.status, refund.decided_by, refund.admin_notes) == ("approved", admin, "Welcome.")
    assert refund.next_attempt_at is not None
    assert standing(payment) == ("captured", PRICE_PAISE, 0)


def test_rejected_refund_frees_its_amount(payment: Payment, admin: CustomUser) -> None:
    refund = decide(reject_refund, asked_back(payment), admin, "You learnt it all.")
    assert (refund.status, refund.admin_notes) == ("rejected", "You learnt it all.")
    assert standing(payment) == ("captured", 0, 0)
    assert asked_back(payment).status == "requested"


@pytest.mark.parametrize("first", [approve_refund, reject_refund])
@pytest.mark.parametrize("second", [approve_refund, reject_refund])
def test_decision_is_made_once(payment: Payment, admin: CustomUser, first: Any, second: Any) -> None:
    refund = decide(first, asked_back(payment), admin)
    with pytest.raises(DecidedAlready):
        decide(second, refund, admin)


@pytest.mark.parametrize("service", [approve_refund, reject_refund, retry_refund])
def test_only_admins_decide(payment: Payment, asha: CustomUser, bilal: CustomUser, service: Any) -> None:
    refund = asked_back(payment)
    asha.is_staff = True
    for person in (asha, bilal):
        with pytest.raises(NotAllowed):
            decide(service, refund, person)


@pytest.mark.parametrize("service", [approve_refund, reject_refund, retry_refund])
def test_what_is_not_there_is_not_decided(payment: Payment, admin: CustomUser, service: Any) -> None:
    with pytest.raises(NotThere):
        decide(service, RefundRequest(pk=1_000_000), admin)


def test_staff_refund_without_window_or_progress(payment: Payment, admin: CustomUser, settings: Any) -> None:
    settings.REFUND_WINDOW_DAYS = settings.REFUND_PROGRESS_PERCENT = 0
    refund = give_back(payment, admin, 10_000)
    assert (refund.origin, refund.status, refund.decided_by) == ("staff", "approved", admin)
    rest = give_back(payment, admin)
    assert rest.amount_paise == PRICE_PAISE - 10_000
    assert standing(payment) == ("captured", PRICE_PAISE, 0)


def refusal_of(work: Callable[[], Any]) -> type[ApiError] | None:
    try:
        work()
    except ApiError as refusal:
        return type(refusal)
    return None


def test_staff_cannot_give_back_what_is_not_there(
    payment: Payment, bilal: CustomUser, asha: CustomUser, admin: CustomUser
) -> None:
    open_order = make_order(bilal, paid_course(asha, title="Other"))
    assert refusal_of(lambda: give_back(payment, bilal)) is NotAllowed
    assert refusal_of(lambda: give_back(Payment(pk=1_000_000), admin)) is NotThere
    assert refusal_of(lambda: give_back(open_order, admin)) is PaymentNotCaptured
    assert refusal_of(lambda: give_back(payment, admin, PRICE_PAISE + 1)) is RefundTooLarge
    assert refusal_of(lambda: give_back(payment, admin, 0)) is RefundTooLarge
    give_back(payment, admin)
    assert refusal_of(lambda: give_back(payment, admin)) is RefundTooLarge


def test_failed_refund_is_sent_again_under_a_new_key(payment: Payment, admin: CustomUser) -> None:
    refund = decide(approve_refund, asked_back(payment), admin)
    first_key, first_id = refund.idempotency_key, gateway_id("rfnd")
    tell(refund_told(refund, "failed", id=first_id, receipt=first_key))
    again = decide(retry_refund, refund, admin, "Once more.")
    assert (again.status, again.razorpay_refund_id, again.last_error) == ("approved", None, "")
    assert again.idempotency_key != first_key
    assert standing(payment) == ("captured", PRICE_PAISE, 0)
    # The failure of the first call may be told again: it is not the second's.
    assert tell(refund_told(refund, "failed", id=first_id, receipt=first_key)) is None
    again.refresh_from_db()
    assert again.status == "approved"
    done = tell(refund_told(again, receipt=again.idempotency_key))
    assert done is not None
    assert (done.pk, done.status) == (refund.pk, "processed")


def test_failed_refund_is_not_sent_again_where_its_money_is_gone(payment: Payment, admin: CustomUser) -> None:
    refund = decide(approve_refund, asked_back(payment), admin)
    tell(refund_told(refund, "failed"))
    give_back(payment, admin, 100)
    with pytest.raises(RefundTooLarge):
        decide(retry_refund, refund, admin)
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_only_failed_refunds_are_sent_again(payment: Payment, admin: CustomUser) -> None:
    with pytest.raises(DecidedAlready):
        decide(retry_refund, asked_back(payment), admin)
