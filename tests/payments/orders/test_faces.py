"""Own payments, the price of a coupon, the receipt by mail, and the back office."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course
from payments.models import Coupon, CouponUse, Payment
from payments.orders.services import settle_payment
from tests.factories.courses import make_course
from tests.payments.factories import make_coupon, make_order, make_plan, paid_course, payment_told
from tests.payments.orders.calls import CREATE, PAYMENTS, VALIDATE, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(bilal: CustomUser, course: Course, django_capture_on_commit_callbacks: Any) -> Payment:
    """Return Bilal's captured payment."""
    payment = make_order(bilal, course)
    with django_capture_on_commit_callbacks(execute=True):
        settle_payment(snapshot=payment_told(payment), at=timezone.now())
    payment.refresh_from_db()
    return payment


# --- own payments -------------------------------------------------------------------------------


def test_own_payments_newest_first(bilals: APIClient, bilal: CustomUser, bought: Payment) -> None:
    plan = make_order(bilal, make_plan())
    body = bilals.get(PAYMENTS).json()
    assert (body["count"], [row["id"] for row in body["results"]]) == (2, [plan.pk, bought.pk])
    assert body["results"][0] | {"created_at": ""} == {
        "id": plan.pk,
        "course_id": None,
        "plan": "premium",
        "amount": "299.00",
        "refunded_amount": "0.00",
        "currency": "INR",
        "status": "created",
        "razorpay_order_id": plan.razorpay_order_id,
        "razorpay_payment_id": None,
        "created_at": "",
        "completed_at": None,
    }
    one = bilals.get(f"{PAYMENTS}{bought.pk}/").json()
    assert one == body["results"][1]
    assert (one["course_id"], one["plan"], one["status"]) == (bought.course_id, None, "captured")
    assert one["completed_at"].endswith("Z")


def test_payments_of_others_are_not_there(
    chitras: APIClient, anonymous: APIClient, asha: CustomUser, client_for: Any, bought: Payment
) -> None:
    assert chitras.get(PAYMENTS).json()["results"] == []
    for stranger in (chitras, client_for(asha)):
        assert refusal(stranger.get(f"{PAYMENTS}{bought.pk}/")) == (404, "not_found", None)
    assert anonymous.get(PAYMENTS).status_code == anonymous.get(f"{PAYMENTS}{bought.pk}/").status_code == 401


# --- the price of a coupon ----------------------------------------------------------------------


def validate(client: APIClient, **body: Any) -> Any:
    return client.post(VALIDATE, body, format="json")


def test_coupon_is_priced_and_nothing_is_held(bilals: APIClient, course: Course) -> None:
    coupon = make_coupon(max_uses=1)
    for _time in range(2):
        answer = validate(bilals, code=" diwali20", course_id=course.pk)
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "code": "DIWALI20",
                "price": "499.00",
                "discount": "99.80",
                "amount": "399.20",
                "tax": "60.89",
                "currency": "INR",
            },
        )
    coupon.refresh_from_db()
    assert coupon.used_count == CouponUse.objects.count() == 0
    make_plan()
    assert validate(bilals, code="DIWALI20", plan="premium").json()["amount"] == "239.20"


def test_coupon_that_is_not_good(bilals: APIClient, chitras: APIClient, asha: CustomUser, course: Course) -> None:
    make_coupon(max_uses=1)
    assert refusal(validate(bilals, code="NONE", course_id=course.pk)) == (400, "coupon_invalid", "code")
    assert refusal(validate(bilals, code="DIWALI20", course_id=10**9)) == (404, "not_found", None)
    free = make_course(asha)
    assert refusal(validate(bilals, code="DIWALI20", course_id=free.pk)) == (409, "course_is_free", None)
    assert validate(bilals, code="DIWALI20").status_code == 400
    bilals.post(CREATE, {"course_id": course.pk, "coupon_code": "DIWALI20"})
    assert validate(bilals, code="DIWALI20", course_id=course.pk).status_code == 200, "held by an own order"
    assert refusal(validate(chitras, code="DIWALI20", course_id=course.pk)) == (409, "coupon_used_up", None)


def test_coupon_used_already(bilals: APIClient, asha: CustomUser, course: Course) -> None:
    make_coupon(percent=100)
    bilals.post(CREATE, {"course_id": course.pk, "coupon_code": "DIWALI20"})
    answer = validate(bilals, code="DIWALI20", course_id=paid_course(asha).pk)
    assert refusal(answer) == (409, "coupon_used_already", None)


# --- the receipt --------------------------------------------------------------------------------


def test_receipt_says_what_was_paid(bought: Payment) -> None:
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([bought.user.email], "Your payment for Spoken English")
    for fact in ("INR 499.00", "76.12", bought.razorpay_payment_id, bought.invoices.get().number):
        assert str(fact) in letter.body


def test_receipt_is_in_the_buyers_language(
    bilal: CustomUser, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    type(bilal.settings).objects.filter(user=bilal).update(locale="hi")
    with django_capture_on_commit_callbacks(execute=True):
        settle_payment(snapshot=payment_told(make_order(bilal, course)), at=timezone.now())
    [letter] = mail.outbox
    with translation.override("hi"):
        assert letter.subject == gettext("Your payment for %(what)s") % {"what": "Spoken English"}


def test_receipt_goes_out_where_no_settings_were_ever_made(
    bilal: CustomUser, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    """As of who was made by ``createsuperuser``."""
    bilal.settings.delete()
    with django_capture_on_commit_callbacks(execute=True):
        settle_payment(snapshot=payment_told(make_order(bilal, course)), at=timezone.now())
    assert [letter.subject for letter in mail.outbox] == ["Your payment for Spoken English"]


def test_nobody_gets_the_receipt_of_a_closed_account(
    bilal: CustomUser, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    payment = make_order(bilal, course)
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    with django_capture_on_commit_callbacks(execute=True):
        settle_payment(snapshot=payment_told(payment), at=timezone.now())
    assert mail.outbox == []


# --- the back office ----------------------------------------------------------------------------


@pytest.fixture
def office(client: Client, admin: CustomUser) -> Client:
    client.force_login(admin)
    return client


@pytest.mark.parametrize("page", ["payment", "coupon"])
def test_lists_are_shown_and_searched(office: Client, bought: Payment, page: str) -> None:
    make_coupon()
    for query in ({}, {"q": "DIWALI20"}, {"q": "bilal"}, {"q": bought.receipt}):
        assert office.get(f"/admin/payments/{page}/", query).status_code == 200


@pytest.mark.parametrize("field", ["receipt", "razorpay_order_id", "razorpay_payment_id", "email"])
def test_payment_is_found(office: Client, bought: Payment, chitra: CustomUser, field: str) -> None:
    make_order(chitra, bought.course)  # type: ignore[arg-type]  # Bilal bought a course
    asked = bought.user.email if field == "email" else getattr(bought, field)
    page = office.get("/admin/payments/payment/", {"q": asked})
    assert [row.pk for row in page.context["cl"].result_list] == [bought.pk]


def test_payment_is_only_looked_at(office: Client, bought: Payment) -> None:
    address = f"/admin/payments/payment/{bought.pk}/change/"
    page = office.get(address)
    assert page.status_code == 200
    assert str(bought.razorpay_payment_id) in page.content.decode()
    assert office.post(address, {"status": "refunded"}).status_code == 403
    assert office.get("/admin/payments/payment/add/").status_code == 403
    assert office.post(f"/admin/payments/payment/{bought.pk}/delete/", {"post": "yes"}).status_code == 403


def coupon_form(**fields: Any) -> dict[str, Any]:
    now = timezone.now()
    values = {
        "code": " neu 10 ",
        "kind": "percent",
        "percent": "10",
        "amount_off_paise": "",
        "valid_from_0": now.strftime("%Y-%m-%d"),
        "valid_from_1": "00:00:00",
        "valid_until_0": "",
        "valid_until_1": "",
        "max_uses": "",
        "max_uses_per_user": "1",
        "is_active": "on",
    }
    return values | fields


def test_coupon_is_made_in_capitals(office: Client) -> None:
    assert office.post("/admin/payments/coupon/add/", coupon_form()).status_code == 302
    assert Coupon.objects.get().code == "NEU10"
    again = office.post("/admin/payments/coupon/add/", coupon_form(code="neu10"))
    assert again.status_code == 200, "the code is taken"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"percent": ""}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"amount_off_paise": "100"}, "percent"),
        ({"kind": "fixed"}, "amount_off_paise"),
        ({"kind": "fixed", "percent": "", "amount_off_paise": "0"}, "amount_off_paise"),
        ({"code": "  "}, "code"),
        ({"max_uses_per_user": "0"}, "max_uses_per_user"),
        ({"valid_until_0": "2020-01-01", "valid_until_1": "00:00:00"}, "valid_until"),
    ],
)
def test_coupon_that_makes_no_sense_is_refused_in_words(office: Client, fields: dict[str, str], named: str) -> None:
    answer = office.post("/admin/payments/coupon/add/", coupon_form(**fields))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [named]
    assert not Coupon.objects.exists()


def test_coupon_that_was_taken_stays(office: Client, bilals: APIClient, course: Course) -> None:
    taken, unused = make_coupon(), make_coupon(code="UNUSED")
    bilals.post(CREATE, {"course_id": course.pk, "coupon_code": taken.code})
    assert office.post(f"/admin/payments/coupon/{taken.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(f"/admin/payments/coupon/{unused.pk}/delete/", {"post": "yes"}).status_code == 302
    body = coupon_form(code=taken.code, percent="20", used_count="0", is_active="")
    assert office.post(f"/admin/payments/coupon/{taken.pk}/change/", body).status_code == 302
    taken.refresh_from_db()
    assert (taken.used_count, taken.is_active) == (1, False)


@pytest.mark.parametrize("who", ["asha", "bilal"])
def test_money_is_for_admins(client: Client, who: str, bought: Payment, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))
    for page in ("payment", "coupon"):
        assert client.get(f"/admin/payments/{page}/").status_code in {302, 403}
