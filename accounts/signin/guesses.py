"""Guessing passwords is limited by what is counted before a password is looked at."""

import time
from dataclasses import dataclass

from e_learning.core.api.errors import ApiError
from e_learning.core.limits import Limit, forget, give_back, take


@dataclass(frozen=True, slots=True)
class Guess:
    """One counted try at the password of an account, from an address. It counts until it proves right."""

    account: str
    address: str
    at: float

    def was_right(self) -> None:
        """Start the account anew from this address, and take the try back from the address."""
        forget(Limit.of("login_account"), self.account, now=self.at)
        give_back(Limit.of("login_address"), self.address, now=self.at)


def count_guess(*, email: str, address: str) -> Guess:
    """Count a try before it is made, so that no number of tries at once gets more than the limit.

    The account's limit is one for each address: a stranger elsewhere can't lock its owner out.
    Raises ``TooMany`` (429) past either limit, ``Unavailable`` (503) where nothing can be counted.
    """
    guess = Guess(account=f"{email}|{address}", address=address, at=time.time())
    take(Limit.of("login_address"), guess.address, now=guess.at)
    try:
        take(Limit.of("login_account"), guess.account, now=guess.at)
    except ApiError:
        give_back(Limit.of("login_address"), guess.address, now=guess.at)
        raise
    return guess


def forget_guesses(*, email: str, address: str) -> None:
    """Let an account's owner in again who has just set a new password by mail."""
    forget(Limit.of("login_account"), f"{email}|{address}")
