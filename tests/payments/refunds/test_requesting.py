"""A learner asks for money back; Chitra can't ask for anybody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course
from payments.models import Payment, RefundRequest
from tests.conftest import ClientFor
from tests.factories.courses import contents_of
from tests.payments.factories import PRICE_PAISE, make_coupon, make_order, make_plan, paid_course, payment_told
from tests.payments.refunds.paid import asked_back, made_at_dashboard, paid_for, standing, tell

pytestmark = pytest.mark.django_db
REFUNDS = "/api/payments/refunds/"
WHY = {"reason": "Too hard for me."}


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha, contents=5)


@pytest.fixture
def payment(bilal: CustomUser, course: Course) -> Payment:
    return paid_for(bilal, course)


def ask(client: APIClient, payment: Payment, **fields: Any) -> Any:
    return client.post(REFUNDS, {"payment_id": payment.pk, **WHY, **fields})


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_all_that_was_paid_is_asked_for_where_no_amount_is_given(bilals: APIClient, payment: Payment) -> None:
    response = ask(bilals, payment)
    assert response.status_code == 201, response.json()
    refund = RefundRequest.objects.get()
    assert response.json() == {
        "id": refund.pk,
        "payment_id": payment.pk,
        "amount": "499.00",
        "status": "requested",
        "reason": WHY["reason"],
        "admin_notes": "",
        "processed_at": None,
    }
    assert (refund.origin, refund.attempt.role) == ("learner", "winning")
    assert standing(payment) == ("captured", PRICE_PAISE, 0)


def test_part_of_a_payment_can_be_asked_for(bilals: APIClient, payment: Payment) -> None:
    assert ask(bilals, payment, amount="100.50").json()["amount"] == "100.50"
    assert standing(payment) == ("captured", 10_050, 0)


@pytest.mark.parametrize(
    "amount", ["0", "0.00", "-1", "1.001", "NaN", "Infinity", "much", "99999999999", None, [], {}, True]
)
def test_what_is_no_amount_is_refused(bilals: APIClient, payment: Payment, amount: Any) -> None:
    response = ask(bilals, payment, amount=amount)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "amount"
    assert not RefundRequest.objects.exists()


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 1001}])
def test_reason_is_asked_for(bilals: APIClient, payment: Payment, body: dict[str, str]) -> None:
    response = bilals.post(REFUNDS, {"payment_id": payment.pk, **body})
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "reason"


def test_more_than_was_paid_is_too_large(bilals: APIClient, payment: Payment) -> None:
    assert code_of(ask(bilals, payment, amount="499.01")) == (409, "refund_too_large")
    assert standing(payment) == ("captured", 0, 0)
    assert not RefundRequest.objects.exists()


@pytest.mark.parametrize("amount", ["0.01", "0.99", "498.01", "498.99"])
def test_crumbs_that_the_gateway_takes_from_nobody(bilals: APIClient, payment: Payment, amount: str) -> None:
    assert code_of(ask(bilals, payment, amount=amount)) == (409, "refund_too_small")
    assert standing(payment) == ("captured", 0, 0)
    assert not RefundRequest.objects.exists()
    assert ask(bilals, payment, amount="498.00").status_code == 201


def test_second_request_waits_for_the_first_to_be_decided(bilals: APIClient, payment: Payment) -> None:
    assert ask(bilals, payment, amount="100").status_code == 201
    assert code_of(ask(bilals, payment, amount="100")) == (409, "refund_requested_already")
    assert code_of(ask(bilals, payment)) == (409, "refund_requested_already")
    assert standing(payment) == ("captured", 10_000, 0)


def test_second_request_for_everything_says_that_one_is_open(bilals: APIClient, payment: Payment) -> None:
    assert ask(bilals, payment).status_code == 201
    assert code_of(ask(bilals, payment)) == (409, "refund_requested_already")


def test_nothing_is_left_of_what_went_back(bilals: APIClient, payment: Payment) -> None:
    tell(made_at_dashboard(payment, PRICE_PAISE))
    assert code_of(ask(bilals, payment)) == (409, "refund_too_large")
    assert code_of(ask(bilals, payment, amount="1")) == (409, "refund_too_large")


def test_after_a_part_went_back_the_rest_can_be_asked_for(bilals: APIClient, payment: Payment) -> None:
    tell(made_at_dashboard(payment, 10_000))
    assert ask(bilals, payment).json()["amount"] == "399.00"
    assert standing(payment) == ("partially_refunded", PRICE_PAISE, 10_000)


@pytest.mark.parametrize("status", [None, "failed", "authorized"])
def test_what_was_not_captured_cannot_go_back(
    bilals: APIClient, bilal: CustomUser, course: Course, status: str | None
) -> None:
    from payments.orders.services import settle_payment

    order = make_order(bilal, course)
    if status:
        settle_payment(snapshot=payment_told(order, status), at=timezone.now())
    assert code_of(ask(bilals, order)) == (409, "payment_not_captured")


def test_what_a_coupon_paid_cannot_go_back(bilals: APIClient, bilal: CustomUser, course: Course) -> None:
    coupon = make_coupon(percent=100)
    now = timezone.now()
    free = Payment(
        user=bilal, course=course, description=course.title, list_price_paise=PRICE_PAISE, discount_paise=PRICE_PAISE
    )
    free.amount_paise, free.tax_paise, free.gst_rate, free.currency = 0, 0, 18, "INR"
    free.coupon, free.gateway, free.receipt = coupon, "sandbox", "free"
    free.status, free.is_open, free.completed_at, free.expires_at = "captured", False, now, now
    free.save()
    assert code_of(ask(bilals, free)) == (409, "refund_too_large")
    free.delete()


def test_window_ends_to_the_second(payment: Payment, settings: Any) -> None:
    from payments.refunds.services import WindowPassed

    settings.REFUND_WINDOW_DAYS = 7
    assert payment.completed_at is not None
    last = payment.completed_at + timedelta(days=7)
    with pytest.raises(WindowPassed):
        asked_back(payment, at=last + timedelta(seconds=1))
    assert asked_back(payment, at=last).status == "requested"


def test_window_passed_is_said(bilals: APIClient, payment: Payment, settings: Any) -> None:
    settings.REFUND_WINDOW_DAYS = 0
    Payment.objects.update(completed_at=timezone.now() - timedelta(seconds=1))
    assert code_of(ask(bilals, payment)) == (409, "refund_window_passed")


def test_learning_more_than_the_limit_keeps_the_course(bilals: APIClient, payment: Payment, settings: Any) -> None:
    """The course has five contents: one is 20 percent."""
    settings.REFUND_PROGRESS_PERCENT = 20
    learn(payment, 1)
    assert ask(bilals, payment, amount="1").status_code == 201
    RefundRequest.objects.update(status="rejected")
    Payment.objects.update(refund_reserved_paise=0)
    learn(payment, 2)
    assert code_of(ask(bilals, payment)) == (409, "refund_progress_passed")


def learn(payment: Payment, contents: int) -> None:
    from courses.learning.services import complete_content
    from courses.models import Enrollment

    assert payment.course is not None
    enrollment = Enrollment.objects.get(user=payment.user, course=payment.course)
    for content in contents_of(payment.course)[:contents]:
        complete_content(enrollment_id=enrollment.pk, content_id=content.pk, at=timezone.now())


def test_plan_has_a_window_and_no_progress(bilals: APIClient, bilal: CustomUser, settings: Any) -> None:
    settings.REFUND_PROGRESS_PERCENT = 0
    assert ask(bilals, paid_for(bilal, make_plan())).json()["amount"] == "299.00"


def test_chitra_asks_for_nothing_of_bilals_and_sees_nothing(
    client_for: ClientFor, chitra: CustomUser, payment: Payment
) -> None:
    chitras = client_for(chitra)
    assert code_of(ask(chitras, payment)) == (404, "not_found")
    asked_back(payment)
    assert chitras.get(REFUNDS).json()["results"] == []
    assert code_of(chitras.post(REFUNDS, {"payment_id": payment.pk + 1000, **WHY})) == (404, "not_found")


def test_without_a_token_there_are_no_refunds(anonymous: APIClient, payment: Payment) -> None:
    assert ask(anonymous, payment).status_code == 401
    assert anonymous.get(REFUNDS).status_code == 401


def test_same_key_asks_once(bilals: APIClient, payment: Payment) -> None:
    first, again = (
        bilals.post(REFUNDS, {"payment_id": payment.pk, **WHY}, HTTP_IDEMPOTENCY_KEY="once") for _time in range(2)
    )
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert RefundRequest.objects.count() == 1
    other = bilals.post(REFUNDS, {"payment_id": payment.pk, "reason": "Other."}, HTTP_IDEMPOTENCY_KEY="once")
    assert code_of(other) == (409, "idempotency_key_reused")


def test_list_is_own_latest_first_and_costs_the_same_for_three(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, payment: Payment
) -> None:
    asked_back(payment)
    bilals.get(REFUNDS)
    with CaptureQueriesContext(connection) as one:
        assert bilals.get(REFUNDS).json()["count"] == 1
    for number in (2, 3):
        asked_back(paid_for(bilal, paid_course(asha, title=f"Course {number}")))
    with CaptureQueriesContext(connection) as three:
        body = bilals.get(REFUNDS).json()
    assert len(three) == len(one)
    assert [row["id"] for row in body["results"]] == list(
        RefundRequest.objects.order_by("-pk").values_list("pk", flat=True)
    )
    assert set(body) == {"count", "next", "previous", "results"}
