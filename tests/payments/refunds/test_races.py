"""Many at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import CustomUser
from e_learning.core.models import OutgoingMail
from payments.models import Invoice, Payment, RefundRequest
from payments.refunds.services import (
    DecidedAlready,
    RefundTooLarge,
    RequestedAlready,
    approve_refund,
    deciding,
    refund_payment,
    refund_surplus,
    reject_refund,
    reserving,
    send_refund,
    sending,
    settling,
)
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.guards import without
from tests.payments.factories import PRICE_PAISE, gateway_id, paid_course, refund_told
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.refunds.paid import asked_back, paid_for, pay_twice, standing, tell
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 16
ROUNDS = times(20, few=2)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def sell(bilal: CustomUser, asha: CustomUser) -> Callable[[], Payment]:
    """Return a function that sells Bilal one more course."""
    return lambda: paid_for(bilal, paid_course(asha, contents=1, title=f"Course {Payment.objects.count()}"))


def clear() -> None:
    RefundRequest.objects.all().delete()
    Payment.objects.update(refund_reserved_paise=0)


def done(outcomes: list[Any], refusal: type[Exception]) -> int:
    """Return how many went through; the others were refused so."""
    through = [one for one in outcomes if not isinstance(one, Exception)]
    assert {type(one) for one in outcomes if isinstance(one, Exception)} <= {refusal}
    return len(through)


# --- asking -------------------------------------------------------------------------------------


def asked_at_once(all_at_once: AllAtOnce, payment: Payment) -> int:
    return done(all_at_once(*[lambda: asked_back(payment, 1_000)] * AT_ONCE), RequestedAlready)


def test_of_many_requests_at_once_one_is_open(all_at_once: AllAtOnce, sell: Callable[[], Payment]) -> None:
    for _round in range(ROUNDS):
        payment = sell()
        assert asked_at_once(all_at_once, payment) == 1
        assert standing(payment) == ("captured", 1_000, 0)


def test_without_the_constraint_several_are_open(
    all_at_once: AllAtOnce, sell: Callable[[], Payment], money_need_not_add_up: None
) -> None:
    with without(RefundRequest, "one_open_request_per_payment", clear=clear):
        assert asked_at_once(all_at_once, sell()) > 1


# --- the sum ------------------------------------------------------------------------------------


def tenths_given_back(all_at_once: AllAtOnce, payment: Payment, admin: CustomUser) -> int:
    def give_a_tenth() -> RefundRequest:
        return refund_payment(
            payment_id=payment.pk, staff=admin, amount_paise=PRICE_PAISE // 10, reason="Part.", at=timezone.now()
        )

    given = done(all_at_once(*[give_a_tenth] * AT_ONCE), RefundTooLarge)
    assert RefundRequest.objects.filter(payment=payment).count() == given
    return given


def test_of_sixteen_tenths_ten_go_back(all_at_once: AllAtOnce, sell: Callable[[], Payment], admin: CustomUser) -> None:
    for _round in range(ROUNDS):
        payment = sell()
        assert tenths_given_back(all_at_once, payment, admin) == 10
        assert standing(payment) == ("captured", PRICE_PAISE, 0)


def test_without_condition_and_check_more_goes_back_than_was_paid(
    all_at_once: AllAtOnce,
    sell: Callable[[], Payment],
    admin: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    money_need_not_add_up: None,
) -> None:
    monkeypatch.setattr(reserving, "fits", lambda amount_paise: Q())
    with without(Payment, "refunds_within_capture", clear=clear):
        assert tenths_given_back(all_at_once, sell(), admin) == AT_ONCE


def test_check_of_the_table_stands_behind_the_condition(
    sell: Callable[[], Payment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserving, "fits", lambda amount_paise: Q())
    with pytest.raises(IntegrityError):
        asked_back(sell(), PRICE_PAISE + 1)


# --- deciding -----------------------------------------------------------------------------------


def decided_at_once(all_at_once: AllAtOnce, payment: Payment, admin: CustomUser) -> int:
    refund = asked_back(payment)
    decisions = [
        lambda service=service: service(refund_id=refund.pk, staff=admin, notes="", at=timezone.now())
        for service in [approve_refund, reject_refund] * (AT_ONCE // 2)
    ]
    return done(all_at_once(*decisions), DecidedAlready)


def test_of_many_decisions_at_once_one_holds(
    all_at_once: AllAtOnce, sell: Callable[[], Payment], admin: CustomUser
) -> None:
    for _round in range(ROUNDS):
        payment = sell()
        assert decided_at_once(all_at_once, payment, admin) == 1
        is_approved = payment.refunds.get().status != "rejected"
        assert standing(payment) == ("captured", PRICE_PAISE if is_approved else 0, 0)


def test_without_the_condition_several_decisions_hold(
    all_at_once: AllAtOnce,
    sell: Callable[[], Payment],
    admin: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    money_need_not_add_up: None,
) -> None:
    def decide_anyway(refund: RefundRequest, only: str, **changes: Any) -> None:
        RefundRequest.objects.filter(pk=refund.pk).update(**changes)

    monkeypatch.setattr(deciding, "_decide", decide_anyway)
    monkeypatch.setattr(deciding, "release", lambda refund: None)
    assert decided_at_once(all_at_once, sell(), admin) > 1


# --- sending ------------------------------------------------------------------------------------


def calls_for(all_at_once: AllAtOnce, razorpay: RazorpayServer, refund: RefundRequest) -> int:
    before = len(razorpay.calls)
    all_at_once(*[lambda: send_refund(refund_id=refund.pk)] * AT_ONCE)
    return sum(call.startswith("POST") for call in razorpay.calls[before:])


def due_refund(payment: Payment, admin: CustomUser) -> RefundRequest:
    """Return an approved refund whose wake-up was lost."""
    refund = asked_back(payment)
    now = timezone.now()
    RefundRequest.objects.filter(pk=refund.pk).update(
        status="approved", decided_by=admin, decided_at=now, next_attempt_at=now
    )
    return refund


def test_of_many_senders_one_calls(
    all_at_once: AllAtOnce, razorpay: RazorpayServer, bought: Payment, admin: CustomUser
) -> None:
    assert calls_for(all_at_once, razorpay, due_refund(bought, admin)) == 1


def test_without_the_claim_several_call(
    all_at_once: AllAtOnce,
    razorpay: RazorpayServer,
    bought: Payment,
    admin: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    razorpay.faults.append(Fault("delay", "/refund", times=None, seconds=0.3))  # the first is on its way meanwhile
    monkeypatch.setattr(sending, "due", lambda now: Q())
    assert calls_for(all_at_once, razorpay, due_refund(bought, admin)) > 1
    assert RefundRequest.objects.filter(razorpay_refund_id__isnull=False).count() == 1  # the key made it one refund


# --- settling -----------------------------------------------------------------------------------


def test_of_many_that_tell_one_counts(all_at_once: AllAtOnce, sell: Callable[[], Payment], admin: CustomUser) -> None:
    for number in range(1, ROUNDS + 1):
        payment = sell()
        refund = due_refund(payment, admin)
        rfnd = gateway_id("rfnd")
        told = [refund_told(refund, status, id=rfnd) for status in ("pending", "processed")] * (AT_ONCE // 2)
        all_at_once(*[lambda one=one: tell(one) for one in told])
        assert standing(payment) == ("refunded", PRICE_PAISE, PRICE_PAISE)
        assert Invoice.objects.filter(kind="credit_note").count() == number
        assert OutgoingMail.objects.filter(kind="payment_refund").count() == number


def test_without_the_condition_it_counts_again(
    all_at_once: AllAtOnce, sell: Callable[[], Payment], admin: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of the table stops it then: more would go back than was reserved."""

    def move_anyway(refund: RefundRequest, before: Any, **changes: Any) -> bool:
        return bool(RefundRequest.objects.filter(pk=refund.pk).update(**changes))

    refund = due_refund(sell(), admin)
    monkeypatch.setattr(settling, "_move", move_anyway)
    told = refund_told(refund)
    with pytest.raises(IntegrityError):
        all_at_once(*[lambda: tell(told)] * AT_ONCE)


# --- paid twice ---------------------------------------------------------------------------------


def surplus_refunds(all_at_once: AllAtOnce, attempt_id: int) -> int:
    all_at_once(*[lambda: refund_surplus(attempt_id=attempt_id, at=timezone.now())] * AT_ONCE)
    refunds = RefundRequest.objects.filter(attempt=attempt_id)
    assert refunds.aggregate(paise=Sum("amount_paise"))["paise"] == PRICE_PAISE * refunds.count()
    return refunds.count()


def test_what_was_paid_twice_goes_back_once(all_at_once: AllAtOnce, sell: Callable[[], Payment]) -> None:
    for _round in range(ROUNDS):
        attempt = surplus_of(sell())
        assert surplus_refunds(all_at_once, attempt) == 1


def surplus_of(payment: Payment) -> int:
    """Return an attempt that was paid twice and that nobody was woken for."""
    attempt = pay_twice(payment)
    RefundRequest.objects.filter(attempt=attempt).delete()
    return attempt.pk


def test_without_constraint_and_lock_it_goes_back_more_than_once(
    all_at_once: AllAtOnce,
    sell: Callable[[], Payment],
    on_postgresql: bool,
    monkeypatch: pytest.MonkeyPatch,
    money_need_not_add_up: None,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite lets one writer in at a time, so the look before writing is never too old there")
    monkeypatch.setattr(deciding, "lock_payment", lambda payment_id: Payment.objects.get(pk=payment_id))
    with without(RefundRequest, "one_surplus_refund", clear=clear):
        attempts = (surplus_of(sell()) for _round in range(MOST_ROUNDS))
        assert any(surplus_refunds(all_at_once, attempt) > 1 for attempt in attempts)
