"""What tests of accounts ask for."""

from typing import Any

import pytest

from accounts.signin.hashers import BoundedArgon2PasswordHasher


class HashingMeter:
    """Counts how often a password was hashed, which is what a login costs."""

    count = 0


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> HashingMeter:
    """The real hasher, with a counter on it."""
    meter = HashingMeter()
    for name in ("encode", "verify"):
        monkeypatch.setattr(BoundedArgon2PasswordHasher, name, _counted(meter, name))
    return meter


def _counted(meter: HashingMeter, name: str) -> Any:
    real = getattr(BoundedArgon2PasswordHasher, name)

    def counted(*args: Any, **kwargs: Any) -> Any:
        meter.count += 1
        return real(*args, **kwargs)

    return counted
