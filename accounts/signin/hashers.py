"""Passwords: argon2id at OWASP's minimum (19 MiB, two passes, one lane), a few at a time."""

import os
import threading
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with t=2, m=19 MiB, p=1 (OWASP Password Storage Cheat Sheet), a thirteenth of Django's default cost.

    A login is still the dearest request of all: at most two a core are hashed at once, so that a
    burst of them queues up instead of taking the processor and 19 MiB each from everybody else.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
    _turns = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))

    def encode(self, password: str, salt: str) -> Any:
        with self._turns:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self._turns:
            return super().verify(password, encoded)
