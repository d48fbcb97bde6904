"""Signatures: what Razorpay's documents say is valid, and nothing else is, whatever is sent."""

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways import gateway
from payments.gateways.razorpay import RazorpayGateway
from payments.gateways.sandbox import SandboxGateway

ORDER, PAYMENT, SUBSCRIPTION = "order_DaZlswtdcn9UNV", "pay_29QQoUBi66xm2f", "sub_00000000000001"
BODY = b'{"event":"payment.captured","amount":"\xe2\x82\xb9 499"}'


def razorpay(*webhook_secrets: str, key_secret: str = "key-secret") -> RazorpayGateway:
    return RazorpayGateway(
        key_id="rzp_test_1", key_secret=key_secret, webhook_secrets=webhook_secrets, base_url="https://nowhere.invalid"
    )


def signed(message: bytes | str, secret: str) -> str:
    message = message.encode() if isinstance(message, str) else message
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def test_checkout_signs_order_and_payment_and_for_subscriptions_the_other_way_round() -> None:
    ours = razorpay()
    for_order, for_subscription = f"{ORDER}|{PAYMENT}", f"{PAYMENT}|{SUBSCRIPTION}"
    signature = signed(for_order, "key-secret")
    assert ours.is_checkout_signature_valid(order_id=ORDER, payment_id=PAYMENT, signature=signature)
    assert not ours.is_checkout_signature_valid(order_id=PAYMENT, payment_id=ORDER, signature=signature)
    assert not ours.is_checkout_signature_valid(order_id="order_other", payment_id=PAYMENT, signature=signature)
    signature = signed(for_subscription, "key-secret")
    assert ours.is_subscription_signature_valid(payment_id=PAYMENT, subscription_id=SUBSCRIPTION, signature=signature)
    assert not ours.is_subscription_signature_valid(
        payment_id=SUBSCRIPTION, subscription_id=PAYMENT, signature=signature
    )


def test_a_webhook_is_valid_by_the_present_secret_and_by_the_one_before() -> None:
    ours = razorpay("new", "old")
    assert ours.is_webhook_signature_valid(BODY, signed(BODY, "new"))
    assert ours.is_webhook_signature_valid(BODY, signed(BODY, "old"))
    assert not ours.is_webhook_signature_valid(BODY, signed(BODY, "older"))
    assert not ours.is_webhook_signature_valid(BODY + b" ", signed(BODY, "new"))


def test_an_empty_secret_signs_nothing() -> None:
    assert not razorpay("", "").is_webhook_signature_valid(BODY, signed(BODY, ""))
    assert not razorpay("new", "").is_webhook_signature_valid(BODY, signed(BODY, ""))
    without = razorpay(key_secret="")
    signature = signed(f"{ORDER}|{PAYMENT}", "")
    assert not without.is_checkout_signature_valid(order_id=ORDER, payment_id=PAYMENT, signature=signature)


@pytest.mark.parametrize("signature", ["", "é" * 64, "\ud800", "\x00", None, 12, b"00", signed(BODY, "new")[:-1]])
def test_garbage_is_invalid_and_raises_nothing(signature: Any) -> None:
    ours = razorpay("new")
    assert ours.is_webhook_signature_valid(BODY, signature) is False
    assert ours.is_checkout_signature_valid(order_id="\ud800", payment_id="\x00", signature=signature) is False


@given(bit=st.integers(0, len(BODY) * 8 - 1))
def test_no_flipped_bit_of_a_body_passes(bit: int) -> None:
    flipped = bytearray(BODY)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not razorpay("new").is_webhook_signature_valid(bytes(flipped), signed(BODY, "new"))


@given(bit=st.integers(0, 64 * 7 - 1))
def test_no_flipped_bit_of_a_signature_passes(bit: int) -> None:
    flipped = bytearray(signed(BODY, "new").encode())
    flipped[bit // 7] ^= 1 << bit % 7
    assert not razorpay("new").is_webhook_signature_valid(BODY, flipped.decode())


def test_settings_choose_the_gateway_and_its_secrets(settings: Any) -> None:
    assert isinstance(gateway(), SandboxGateway)
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = "rzp_test_1", "key-secret"
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = "new", "old"
    chosen = gateway()
    assert (chosen.name, chosen.is_sandbox, chosen.key_id) == ("razorpay", False, "rzp_test_1")
    assert chosen.is_webhook_signature_valid(BODY, signed(BODY, "old"))


def test_the_sandbox_signs_with_keys_of_its_own_that_follow_the_secret_key(settings: Any) -> None:
    ours = SandboxGateway.from_settings()
    signature = ours.checkout_signature(paid_id=ORDER, payment_id=PAYMENT)
    assert ours.is_checkout_signature_valid(order_id=ORDER, payment_id=PAYMENT, signature=signature)
    of_subscription = ours.checkout_signature(paid_id=SUBSCRIPTION, payment_id=PAYMENT)
    assert ours.is_subscription_signature_valid(
        payment_id=PAYMENT, subscription_id=SUBSCRIPTION, signature=of_subscription
    )
    settings.SECRET_KEY = "another"
    elsewhere = SandboxGateway.from_settings()
    assert not elsewhere.is_checkout_signature_valid(order_id=ORDER, payment_id=PAYMENT, signature=signature)
