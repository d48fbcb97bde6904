"""Razorpay's signatures: hexadecimal HMAC-SHA256. Pure, and safe on anything a stranger may send."""

import hmac
from collections.abc import Iterable
from hashlib import sha256


def signature_of(message: str | bytes, secret: str) -> str:
    """Return the hexadecimal HMAC-SHA256 of ``message`` under ``secret``."""
    return hmac.new(secret.encode(), _bytes(message), sha256).hexdigest()


def is_signed(message: str | bytes, *, signature: object, secrets: Iterable[str]) -> bool:
    """Say whether ``signature`` is that of ``message`` under one of ``secrets``. Never raises.

    Compared as bytes and in constant time: ``compare_digest`` refuses text outside ASCII, which a
    stranger may well send. An empty secret signs nothing: everybody knows it.
    """
    if not isinstance(signature, str):
        return False
    given = _bytes(signature)
    # All are compared, whichever fits: the time says nothing about which.
    fits = [hmac.compare_digest(_bytes(signature_of(message, secret)), given) for secret in secrets if secret]
    return any(fits)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
