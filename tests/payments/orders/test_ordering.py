"""Orders: one open order of a person and thing, under a receipt that the gateway sees once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course, Enrollment
from payments.models import CouponUse, Payment, Subscription
from payments.orders.models import GatewayPayment
from payments.orders.services import close_expired_orders, ordering, settle_payment
from payments.orders.tasks import close_expired_orders as sweep
from tests.conftest import ClientFor
from tests.factories.courses import enroll, make_course
from tests.payments.factories import make_coupon, make_plan, paid_course, payment_told
from tests.payments.orders.calls import CREATE, ordered, paid, refusal
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import KEY_ID, RazorpayServer
from tests.payments.subscriptions.school import pro_plan, running_subscription

pytestmark = pytest.mark.django_db(transaction=True)


def orders_made(razorpay: RazorpayServer) -> int:
    return razorpay.calls.count("POST /v1/orders")


def ask(client: APIClient, **body: Any) -> Any:
    return client.post(CREATE, body, format="json")


# --- an order -----------------------------------------------------------------------------------


def test_order_says_what_is_to_be_paid(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> None:
    order = ordered(bilals, course_id=course.pk)
    payment = Payment.objects.get()
    assert order == {
        "payment_id": payment.pk,
        "razorpay_order_id": payment.razorpay_order_id,
        "razorpay_key_id": KEY_ID,
        "amount_paise": 49_900,
        "amount": "499.00",
        "discount": "0.00",
        "tax": "76.12",
        "currency": "INR",
        "status": "created",
        "expires_at": order["expires_at"],
        "checkout_url": None,
    }
    at_gateway = razorpay.store.get("order", order["razorpay_order_id"])
    assert at_gateway is not None
    assert (at_gateway["amount"], at_gateway["currency"], at_gateway["receipt"]) == (49_900, "INR", payment.receipt)
    assert at_gateway["notes"] == {"payment_id": str(payment.pk), "receipt": payment.receipt}


def test_sandbox_gives_its_page_to_pay_at(bilals: APIClient, course: Course) -> None:
    order = ordered(bilals, course_id=course.pk)
    assert "/payments/sandbox/" in order["checkout_url"]
    assert order["razorpay_order_id"].startswith("order_")


def test_open_order_is_handed_back(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> None:
    first = ordered(bilals, course_id=course.pk)
    assert ordered(bilals, status=200, course_id=course.pk) == first
    assert orders_made(razorpay) == Payment.objects.count() == 1


def test_order_of_a_plan(razorpay: RazorpayServer, bilals: APIClient) -> None:
    plan = make_plan()
    order = ordered(bilals, plan=plan.slug)
    assert (order["amount"], Payment.objects.get().plan) == ("299.00", plan)
    assert ordered(bilals, status=200, plan=plan.slug) == order


@pytest.mark.parametrize("change", ["price", "state", "coupon", "time"])
def test_order_that_no_longer_fits_is_closed_and_another_made(
    razorpay: RazorpayServer, bilals: APIClient, course: Course, change: str
) -> None:
    first = ordered(bilals, course_id=course.pk)
    body: dict[str, Any] = {"course_id": course.pk}
    if change == "price":
        Course.objects.update(price_paise=39_900)
    elif change == "time":
        Payment.objects.update(expires_at=timezone.now())
    elif change == "coupon":
        body["coupon_code"] = make_coupon().code
    else:
        body["billing_state"] = "27"
    second = ordered(bilals, **body)
    assert second["razorpay_order_id"] != first["razorpay_order_id"]
    assert list(Payment.objects.order_by("pk").values_list("is_open", flat=True)) == [False, True]


def test_an_order_closed_meanwhile_can_still_be_paid(
    razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser, course: Course
) -> None:
    first = ordered(bilals, course_id=course.pk)
    Course.objects.update(price_paise=39_900)
    ordered(bilals, course_id=course.pk)
    answer = bilals.post("/api/payments/verify_payment/", paid(razorpay, first))
    assert (answer.status_code, answer.json()["payment_id"]) == (200, first["payment_id"])
    assert Enrollment.objects.get(user=bilal).is_active


# --- refusals -----------------------------------------------------------------------------------


def test_what_is_not_there_to_be_bought(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course
) -> None:
    draft = paid_course(asha, published=False)
    archived = paid_course(asha, archived_at=timezone.now())
    plan = make_plan(is_active=False)
    asked: list[dict[str, Any]] = [{"course_id": draft.pk}, {"course_id": archived.pk}, {"course_id": 10**9}]
    for body in [*asked, {"plan": plan.slug}, {"plan": "none"}]:
        assert refusal(ask(bilals, **body)) == (404, "not_found", None)
    assert not Payment.objects.exists()


def test_a_plan_that_is_charged_again_and_again_is_not_sold_for_a_period_beside_it(
    razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser
) -> None:
    subscription = running_subscription(bilal, make_plan())
    assert refusal(ask(bilals, plan="premium")) == (409, "already_subscribed", None)
    ordered(bilals, plan=pro_plan().slug)
    Subscription.objects.filter(pk=subscription.pk).update(cancels_at_period_end=True)
    ordered(bilals, plan="premium")


def test_what_need_not_be_bought(
    razorpay: RazorpayServer,
    bilals: APIClient,
    bilal: CustomUser,
    asha: CustomUser,
    admin: CustomUser,
    course: Course,
    client_for: ClientFor,
) -> None:
    free = make_course(asha)
    make_plan(slug="free", tier="free", price_paise=0)
    assert refusal(ask(bilals, course_id=free.pk)) == (409, "course_is_free", None)
    assert refusal(ask(bilals, plan="free")) == (409, "plan_is_free", None)
    for owner in (asha, admin):
        assert refusal(ask(client_for(owner), course_id=course.pk)) == (409, "course_is_free", None)
    enroll(bilal, course)
    assert refusal(ask(bilals, course_id=course.pk)) == (409, "already_enrolled", None)
    assert not Payment.objects.exists()


def test_prerequisites_come_first(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course
) -> None:
    course.prerequisites.add(make_course(asha, title="Letters"))
    answer = ask(bilals, course_id=course.pk)
    assert refusal(answer) == (409, "prerequisites_unmet", None)
    assert "Letters" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"course_id": 1, "plan": "premium"},
        {"course_id": 0},
        {"course_id": 2**63},
        {"course_id": 1, "billing_state": "MH"},
        {"course_id": 1, "billing_state": "00"},
        {"plan": "no slug"},
        {"course_id": 1, "coupon_code": "x" * 61},
        {"course_id": 1, "coupon_code": "a\x00b"},
    ],
)
def test_body_that_says_nothing_to_buy(razorpay: RazorpayServer, bilals: APIClient, body: dict[str, Any]) -> None:
    assert ask(bilals, **body).status_code == 400


def test_nobody_orders_without_a_token(anonymous: APIClient, course: Course) -> None:
    assert ask(anonymous, course_id=course.pk).status_code == 401


def test_chitra_has_orders_of_her_own(
    razorpay: RazorpayServer, bilals: APIClient, chitras: APIClient, course: Course
) -> None:
    order = ordered(bilals, course_id=course.pk)
    assert ordered(chitras, course_id=course.pk)["razorpay_order_id"] != order["razorpay_order_id"]


# --- the gateway fails --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop", "500", "html", "drop_after", "500_after", "429"])
def test_lost_call_is_made_again_under_the_same_receipt(
    razorpay: RazorpayServer, bilals: APIClient, course: Course, kind: Any
) -> None:
    razorpay.faults.append(Fault(kind, "POST /v1/orders"))
    answer = ask(bilals, course_id=course.pk)
    code = "gateway_busy" if kind == "429" else "gateway_unreachable"
    assert refusal(answer) == (503, code, None)
    assert int(answer["Retry-After"]) > 0
    order = ordered(bilals, status=200, course_id=course.pk)
    payment = Payment.objects.get()
    assert (payment.razorpay_order_id, payment.calling_until) == (order["razorpay_order_id"], None)
    at_gateway = razorpay.store.listed("order", label=payment.receipt)
    assert [one["id"] for one in at_gateway] == [order["razorpay_order_id"]]


def test_who_died_asking_gives_the_claim_up(
    razorpay: RazorpayServer, bilals: APIClient, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.gateways.one_call.PATIENCE", 0.2)
    ordered(bilals, course_id=course.pk)
    Payment.objects.update(razorpay_order_id=None, calling_until=timezone.now() + timedelta(seconds=30))
    answer = ask(bilals, course_id=course.pk)
    assert refusal(answer) == (409, "order_in_progress", None)
    assert answer["Retry-After"] == "2"
    Payment.objects.update(calling_until=timezone.now())
    ordered(bilals, status=200, course_id=course.pk)
    assert orders_made(razorpay) == 1


# --- coupons ------------------------------------------------------------------------------------


def test_coupon_lowers_the_price_and_is_held(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> None:
    coupon = make_coupon(max_uses=1)
    order = ordered(bilals, course_id=course.pk, coupon_code=" diwali 20 ")
    assert (order["amount"], order["discount"], order["tax"]) == ("399.20", "99.80", "60.89")
    coupon.refresh_from_db()
    assert (coupon.used_count, CouponUse.objects.get().state) == (1, "held")
    assert ordered(bilals, status=200, course_id=course.pk, coupon_code="DIWALI20") == order


def test_coupon_that_is_not_good_for_this(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course
) -> None:
    now, other = timezone.now(), paid_course(asha)
    make_coupon(code="OFF", is_active=False)
    make_coupon(code="SOON", valid_from=now + timedelta(hours=1))
    make_coupon(code="OVER", valid_from=now - timedelta(days=2), valid_until=now)
    make_coupon(code="OTHER").courses.add(other)
    make_coupon(code="PLANS").plans.add(make_plan())
    for code in ("NONE", "OFF", "SOON", "OVER", "OTHER", "PLANS"):
        answer = ask(bilals, course_id=course.pk, coupon_code=code)
        assert refusal(answer) == (400, "coupon_invalid", "coupon_code"), code
    assert refusal(ask(bilals, plan="premium", coupon_code="OTHER")) == (400, "coupon_invalid", "coupon_code")
    assert ordered(bilals, plan="premium", coupon_code="PLANS")["discount"] == "59.80"
    assert ordered(bilals, course_id=other.pk, coupon_code="OTHER")["discount"] == "99.80"


def test_coupon_is_used_up_and_taken_back(
    razorpay: RazorpayServer, bilals: APIClient, chitras: APIClient, course: Course
) -> None:
    coupon = make_coupon(max_uses=1)
    ordered(bilals, course_id=course.pk, coupon_code=coupon.code)
    assert refusal(ask(chitras, course_id=course.pk, coupon_code=coupon.code)) == (409, "coupon_used_up", None)
    assert not Payment.objects.filter(user__username="chitra").exists()
    ordered(bilals, course_id=course.pk)  # without it: the first order lets it go
    ordered(chitras, course_id=course.pk, coupon_code=coupon.code)


def test_coupon_once_a_person(razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course) -> None:
    make_coupon()
    ordered(bilals, course_id=course.pk, coupon_code="DIWALI20")
    answer = ask(bilals, course_id=paid_course(asha).pk, coupon_code="DIWALI20")
    assert refusal(answer) == (409, "coupon_used_already", None)


def test_whole_price_off_enrols_at_once_without_the_gateway(
    razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser, course: Course
) -> None:
    make_coupon(percent=100)
    order = ordered(bilals, course_id=course.pk, coupon_code="DIWALI20")
    assert (order["status"], order["razorpay_order_id"], order["amount"]) == ("captured", "", "0.00")
    enrollment = Enrollment.objects.get(user=bilal)
    assert enrollment.grants.get().source == "coupon"
    assert (CouponUse.objects.get().state, razorpay.calls) == ("used", [])
    payment = Payment.objects.get()
    assert not payment.invoices.exists()
    assert not payment.ledger.exists()
    assert refusal(ask(bilals, course_id=course.pk, coupon_code="DIWALI20")) == (409, "already_enrolled", None)


def test_what_is_left_below_a_rupee_is_waived(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> None:
    make_coupon(kind="fixed", amount_off_paise=49_801)
    order = ordered(bilals, course_id=course.pk, coupon_code="DIWALI20")
    assert (order["amount"], order["discount"], order["status"]) == ("0.00", "499.00", "captured")


# --- orders past their time ---------------------------------------------------------------------


def test_sweep_closes_what_is_past_its_time_and_lets_its_coupon_go(
    razorpay: RazorpayServer, bilals: APIClient, chitras: APIClient, course: Course
) -> None:
    coupon = make_coupon(max_uses=2)
    old = ordered(bilals, course_id=course.pk, coupon_code=coupon.code)
    young = ordered(chitras, course_id=course.pk, coupon_code=coupon.code)
    Payment.objects.filter(pk=old["payment_id"]).update(expires_at=timezone.now())
    assert (sweep(), close_expired_orders(now=timezone.now())) == (1, 0)
    coupon.refresh_from_db()
    assert coupon.used_count == 1
    assert Payment.objects.get(is_open=True).pk == young["payment_id"]


def test_coupon_of_a_late_payment_is_honoured_past_its_limit(
    razorpay: RazorpayServer, bilals: APIClient, chitras: APIClient, course: Course
) -> None:
    coupon = make_coupon(max_uses=1)
    late = ordered(bilals, course_id=course.pk, coupon_code=coupon.code)
    close_expired_orders(now=timezone.now() + timedelta(hours=1))
    ordered(chitras, course_id=course.pk, coupon_code=coupon.code)
    assert bilals.post("/api/payments/verify_payment/", paid(razorpay, late)).status_code == 200
    coupon.refresh_from_db()
    assert coupon.used_count == 2
    assert CouponUse.objects.get(payment=late["payment_id"]).state == "used"
    assert GatewayPayment.objects.get().role == "winning"


# --- the same request again ---------------------------------------------------------------------


def test_idempotency_key_gives_the_first_answer_again(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course
) -> None:
    def send(course_id: int) -> Any:
        return bilals.post(CREATE, {"course_id": course_id}, headers={"Idempotency-Key": "one"})

    first, again = send(course.pk), send(course.pk)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert refusal(send(paid_course(asha).pk)) == (409, "idempotency_key_reused", None)


# --- what happens between the looks -------------------------------------------------------------


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Let something happen once, after the open order was looked for and before what is for sale is."""
    real, left = ordering.thing_for_sale, [happens]

    def look(**asked: Any) -> Any:
        if left:
            left.pop()()
        return real(**asked)

    monkeypatch.setattr(ordering, "thing_for_sale", look)


@pytest.mark.parametrize("is_expired", [False, True])
def test_order_that_is_paid_meanwhile_is_not_followed_by_another(
    bilals: APIClient, course: Course, monkeypatch: pytest.MonkeyPatch, is_expired: bool
) -> None:
    ordered(bilals, course_id=course.pk)
    payment = Payment.objects.get()
    if is_expired:
        Payment.objects.update(expires_at=timezone.now())
    meanwhile(monkeypatch, lambda: settle_payment(snapshot=payment_told(payment), at=timezone.now()))
    assert refusal(ask(bilals, course_id=course.pk)) == (409, "already_enrolled", None)
    assert Payment.objects.get().status == "captured"


def test_order_that_another_request_closes_meanwhile_is_looked_for_again(
    bilals: APIClient, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ordered(bilals, course_id=course.pk)
    Payment.objects.update(expires_at=timezone.now())
    meanwhile(monkeypatch, lambda: close_expired_orders(now=timezone.now()))
    second = ordered(bilals, course_id=course.pk)
    assert second["payment_id"] != first["payment_id"]
    assert Payment.objects.filter(is_open=True).count() == 1
