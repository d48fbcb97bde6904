"""The adapter over real HTTP: a purchase's life, and every fault of the wire."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import razorpay as sdk
from django.utils import translation

from payments.gateways.base import GatewayBusy, GatewayRefused, GatewayUnreachable
from payments.gateways.razorpay import TIME_OUTS, RazorpayGateway
from tests.payments.razorpay_http import Fault, FaultKind
from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer

PRICE = 49_900


def ordered(razorpay: RazorpayGateway, receipt: str = "receipt-1") -> str:
    return razorpay.create_order(amount_paise=PRICE, currency="INR", receipt=receipt, notes={"payment": "1"}).id


def refunded(razorpay: RazorpayGateway, payment_id: str, amount: int = 10_000, key: str = "refund-0001") -> Any:
    return razorpay.refund(payment_id, amount_paise=amount, idempotency_key=key, receipt="r-1", notes={"refund": "1"})


def test_an_order_is_opened_found_and_paid(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    order_id = ordered(razorpay)
    found = razorpay.find_order(receipt="receipt-1")
    assert found is not None
    assert (found.id, found.amount_paise, found.currency, found.status) == (order_id, PRICE, "INR", "created")
    assert razorpay.find_order(receipt="receipt-2") is None
    paid = server.pay(order_id)
    [payment] = razorpay.payments_of_order(order_id)
    assert payment == razorpay.payment(paid["razorpay_payment_id"])
    assert (payment.order_id, payment.status, payment.amount_paise) == (order_id, "captured", PRICE)
    assert razorpay.is_checkout_signature_valid(
        order_id=order_id, payment_id=payment.id, signature=paid["razorpay_signature"]
    )


def test_of_two_orders_with_one_receipt_the_older_is_found(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    seconds = iter(range(100, 200))
    server.desk = type(server.desk)(server.store, lambda: next(seconds), server._tell, "acc", server.desk.chance)
    first, second = ordered(razorpay), ordered(razorpay)
    assert first != second
    found = razorpay.find_order(receipt="receipt-1")
    assert found is not None
    assert found.id == first


def test_every_attempt_at_an_order_is_listed(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    order_id = ordered(razorpay)
    failed = server.pay(order_id, outcome="failure")
    assert failed["razorpay_signature"] == ""
    server.pay(order_id)
    newest, oldest = razorpay.payments_of_order(order_id)
    assert (newest.status, oldest.status, oldest.error_reason) == ("captured", "failed", "payment_failed")


def test_capturing_twice_gives_the_captured_payment_twice(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    payment_id = server.pay(ordered(razorpay), outcome="authorize")["razorpay_payment_id"]
    assert razorpay.payment(payment_id).status == "authorized"
    first = razorpay.capture(payment_id, amount_paise=PRICE, currency="INR")
    assert (first.status, first.fee_paise, first.tax_paise) == ("captured", 1178, 180)
    assert razorpay.capture(payment_id, amount_paise=PRICE, currency="INR") == first


def test_another_amount_is_not_captured(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    payment_id = server.pay(ordered(razorpay), outcome="authorize")["razorpay_payment_id"]
    with pytest.raises(GatewayRefused) as refused:
        razorpay.capture(payment_id, amount_paise=PRICE - 1, currency="INR")
    assert refused.value.http_status == 400
    assert "equal to the amount authorized" in refused.value.description
    assert razorpay.payment(payment_id).status == "authorized"


def test_threads_that_capture_at_once_send_their_own_amounts(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    """The SDK keeps the amount in a default argument that all calls share; ours must never go by it."""
    amounts = [1_000 + number for number in range(24)]
    orders = [razorpay.create_order(amount_paise=a, currency="INR", receipt=f"r{a}", notes={}) for a in amounts]
    ids = [server.pay(order.id, outcome="authorize")["razorpay_payment_id"] for order in orders]
    with ThreadPoolExecutor(8) as pool:
        captured = list(pool.map(lambda p, a: razorpay.capture(p, amount_paise=a, currency="INR"), ids, amounts))
    assert [payment.amount_paise for payment in captured] == amounts
    assert sdk.resources.payment.Payment.capture.__defaults__ == ({},)


def test_a_late_authorisation_is_read(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    payment_id = server.pay(ordered(razorpay), outcome="failure")["razorpay_payment_id"]
    server.authorize_late(payment_id)
    assert razorpay.payment(payment_id).status == "authorized"
    assert razorpay.capture(payment_id, amount_paise=PRICE, currency="INR").status == "captured"


def test_a_refund_with_the_same_key_is_the_same_refund(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    payment_id = server.pay(ordered(razorpay))["razorpay_payment_id"]
    first = refunded(razorpay, payment_id)
    assert (first.status, first.amount_paise, first.receipt, first.notes) == ("pending", 10_000, "r-1", {"refund": "1"})
    again = refunded(razorpay, payment_id)
    assert (again.id, again.status) == (first.id, "processed")
    assert [refund.id for refund in razorpay.refunds_of_payment(payment_id)] == [first.id]
    assert razorpay.payment(payment_id).amount_refunded_paise == 10_000
    with pytest.raises(GatewayRefused, match="Different request"):
        refunded(razorpay, payment_id, amount=20_000)


def test_more_than_was_captured_is_not_refunded(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    payment_id = server.pay(ordered(razorpay))["razorpay_payment_id"]
    refunded(razorpay, payment_id)
    with pytest.raises(GatewayRefused, match="greater than amount captured"):
        refunded(razorpay, payment_id, amount=PRICE, key="refund-0002")
    refunded(razorpay, payment_id, amount=PRICE - 10_000, key="refund-0003")
    assert razorpay.payment(payment_id).status == "refunded"
    with pytest.raises(GatewayRefused) as refused:
        refunded(razorpay, payment_id, key="refund-0004")
    assert refused.value.reason == "payment_fully_refunded"


def test_a_refund_that_fails_gives_the_money_back_to_the_shop(
    server: RazorpayServer, razorpay: RazorpayGateway
) -> None:
    server.refunds_wait = True
    payment_id = server.pay(ordered(razorpay))["razorpay_payment_id"]
    refund = refunded(razorpay, payment_id, amount=PRICE)
    assert razorpay.payment(payment_id).status == "refunded"
    server.finish_refund(refund.id, outcome="failed")
    assert razorpay.refunds_of_payment(payment_id)[0].status == "failed"
    assert razorpay.payment(payment_id).status == "captured"


def test_a_subscription_lives_from_plan_to_cancellation(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    def plan(name: str, amount: int) -> str:
        made = razorpay.create_plan(
            period="monthly", interval=1, name=name, amount_paise=amount, currency="INR", notes={}
        )
        assert (made.period, made.interval, made.name, made.amount_paise) == ("monthly", 1, name, amount)
        return made.id

    premium, pro = plan("Premium", 29_900), plan("Pro", 59_900)
    made = razorpay.create_subscription(plan_id=premium, total_count=12, notes={"receipt": "s-1"})
    assert (made.status, made.current_end, made.notes) == ("created", None, {"receipt": "s-1"})
    paid = server.pay_subscription(made.id)
    assert razorpay.is_subscription_signature_valid(
        payment_id=paid["razorpay_payment_id"], subscription_id=made.id, signature=paid["razorpay_signature"]
    )
    server.charge_cycle(made.id)
    active = razorpay.subscription(made.id)
    assert (active.status, active.paid_count, active.plan_id) == ("active", 2, premium)
    assert active.current_start is not None
    assert active.current_end is not None
    assert 28 <= (active.current_end - active.current_start).days <= 31
    payments = razorpay.payments_of_subscription(made.id)
    assert [payment.amount_paise for payment in payments] == [29_900, 29_900]
    assert {payment.subscription_id for payment in payments} == {made.id}
    assert all(payment.invoice_id for payment in payments)
    assert razorpay.change_plan(made.id, plan_id=pro).plan_id == pro
    assert razorpay.cancel_subscription(made.id, at_cycle_end=True).status == "active"
    server.end_cycle(made.id)
    ended = razorpay.subscription(made.id)
    assert (ended.status, ended.ended_at is not None) == ("cancelled", True)
    assert razorpay.cancel_subscription(made.id, at_cycle_end=False) == ended


def test_payments_of_another_subscription_are_never_ours(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    plan = razorpay.create_plan(period="yearly", interval=1, name="Pro", amount_paise=249_900, currency="INR", notes={})
    ours, other = (razorpay.create_subscription(plan_id=plan.id, total_count=3, notes={}).id for _ in range(2))
    server.pay_subscription(other)
    assert razorpay.payments_of_subscription(ours) == []


# --- the wire's faults -----------------------------------------------------------------------------

LOST: list[tuple[FaultKind, type[Exception], bool]] = [
    ("drop", GatewayUnreachable, False),
    ("drop_after", GatewayUnreachable, True),
    ("hang", GatewayUnreachable, False),
    ("drip", GatewayUnreachable, True),
    ("500", GatewayUnreachable, False),
    ("500_after", GatewayUnreachable, True),
    ("html", GatewayUnreachable, False),
    ("html_after", GatewayUnreachable, True),
    ("redirect", GatewayUnreachable, False),
    ("429", GatewayBusy, False),
    ("busy", GatewayBusy, False),
]
TAKE_TIME = {"hang", "drip"}


@pytest.mark.parametrize(("kind", "error", "is_done"), LOST, ids=[kind for kind, _, _ in LOST])
def test_each_fault_is_told_once_quickly_and_never_retried_by_itself(
    razorpay: RazorpayGateway,
    impatient: RazorpayGateway,
    server: RazorpayServer,
    kind: FaultKind,
    error: type[Exception],
    is_done: bool,
) -> None:
    server.faults.append(Fault(kind, "POST /v1/orders"))
    began = time.monotonic()
    with pytest.raises(error):
        ordered(impatient if kind in TAKE_TIME else razorpay)
    assert time.monotonic() - began < TIME_OUTS[1]
    assert len(server.calls) == 1
    assert (razorpay.find_order(receipt="receipt-1") is not None) is is_done


@pytest.mark.parametrize("kind", [kind for kind, _, _ in LOST])
def test_a_refund_is_carried_out_once_whatever_became_of_the_answer(
    razorpay: RazorpayGateway, impatient: RazorpayGateway, server: RazorpayServer, kind: FaultKind
) -> None:
    payment_id = server.pay(ordered(razorpay))["razorpay_payment_id"]
    server.faults.append(Fault(kind, "/refund"))
    with pytest.raises((GatewayUnreachable, GatewayBusy)):
        refunded(impatient if kind in TAKE_TIME else razorpay, payment_id)
    refund = refunded(razorpay, payment_id)
    assert [found.id for found in razorpay.refunds_of_payment(payment_id)] == [refund.id]


def test_a_slow_answer_in_time_is_an_answer(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    server.faults.append(Fault("delay", "/orders", seconds=0.1))
    assert ordered(razorpay).startswith("order_")


def test_a_server_that_is_away_is_unreachable(razorpay: RazorpayGateway, server: RazorpayServer) -> None:
    server.__exit__()
    with pytest.raises(GatewayUnreachable):
        ordered(razorpay)


def test_wrong_keys_are_our_trouble_and_refuse_no_buyer(server: RazorpayServer) -> None:
    """A refund must not fail for good because a key was mistyped: it is tried again once the key is right."""
    ours = RazorpayGateway(key_id=KEY_ID, key_secret="mistyped", webhook_secrets=(), base_url=server.url)
    with pytest.raises(GatewayUnreachable):
        ours.payment("pay_29QQoUBi66xm2f")


def test_what_the_gateway_does_not_know_is_refused(razorpay: RazorpayGateway) -> None:
    with pytest.raises(GatewayRefused, match="does not exist"):
        razorpay.payment("pay_29QQoUBi66xm2f")


@pytest.mark.parametrize("payment_id", ["../orders", "pay_1/refunds", "pay_1?x=1", "", "pay_é", "p" * 41])
def test_what_is_no_id_never_becomes_an_address(
    razorpay: RazorpayGateway, server: RazorpayServer, payment_id: str
) -> None:
    with pytest.raises(GatewayRefused):
        razorpay.payment(payment_id)
    assert server.calls == []


def test_neither_a_proxy_nor_a_password_file_of_the_machine_is_asked(
    razorpay: RazorpayGateway, server: RazorpayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ordered(razorpay).startswith("order_")


def test_nothing_is_printed_and_nothing_secret_is_logged(
    impatient: RazorpayGateway,
    server: RazorpayServer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind, _, _ in LOST:
        server.faults.append(Fault(kind, "POST /v1/orders"))
        with pytest.raises((GatewayUnreachable, GatewayBusy)):
            ordered(impatient)
    assert capsys.readouterr().out == ""
    for secret in (KEY_SECRET, WEBHOOK_SECRET, "Authorization", "Basic "):
        assert secret not in caplog.text
    assert "no answer of the gateway" in caplog.text


def test_people_read_our_words_and_not_the_gateways(razorpay: RazorpayGateway) -> None:
    with pytest.raises(GatewayRefused) as refused:
        razorpay.payment("pay_29QQoUBi66xm2f")
    with translation.override("en"):
        assert str(refused.value.message) == "The payment service refused this."
    assert (refused.value.status, refused.value.code) == (409, "gateway_refused")
    assert (GatewayUnreachable().status, GatewayUnreachable().code) == (503, "gateway_unreachable")
