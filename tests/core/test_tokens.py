"""An access token is believed for its signature and its time, each time it comes."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework_simplejwt.tokens import RefreshToken

from e_learning.core.api import tokens
from e_learning.core.api.tokens import AccessClaims, BadToken, bearer_token, issue_access_token, verify_access_token

KEY = str(django_settings.SIMPLE_JWT["SIGNING_KEY"])


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    tokens._remembered.clear()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"token_type": "access", "jti": "x", "iat": now, "exp": now + 60, "user_id": 7, "sid": 3}
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def signed(key: str = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm)


def test_a_token_says_who_and_under_which_session() -> None:
    found = verify_access_token(issue_access_token(user_id=7, session_id=3))

    assert (found.user_id, found.session_id) == (7, 3)
    assert 0 < found.expires_at - time.time() <= django_settings.ACCESS_TOKEN_SECONDS


def refresh_token() -> str:
    token = RefreshToken()
    token["user_id"], token["sid"] = 7, 3
    return str(token)


FORGED: dict[str, Callable[[], str]] = {
    "under another key": lambda: signed(key="k" * 64),
    "without a signature": lambda: signed(key="", algorithm="none"),
    "under another algorithm": lambda: signed(algorithm="HS512"),
    "expired": lambda: signed(exp=int(time.time()) - 1),
    "never expiring": lambda: signed(exp=None),
    "of another type": lambda: signed(token_type="refresh"),
    "of no type": lambda: signed(token_type=None),
    "a refresh token": refresh_token,
    "without a user": lambda: signed(user_id=None),
    "without a session": lambda: signed(sid=None),
    "with words for a user": lambda: signed(user_id="asha"),
    "with a list for a session": lambda: signed(sid=[3]),
    "without its signature": lambda: signed().rpartition(".")[0] + ".",
    "with another body": lambda: ".".join(
        [signed().split(".")[0], signed(user_id=1).split(".")[1], signed().split(".")[2]]
    ),
    "of one part": lambda: "token",
    "empty": lambda: "",
    "too long": lambda: signed(padding="x" * 5000),
    "no text of ours": lambda: "ü.ü.ü",
    "NUL": lambda: "\0",
}


@pytest.mark.parametrize("what", FORGED)
def test_a_token_that_is_not_ours_is_refused(what: str) -> None:
    with pytest.raises(BadToken) as refusal:
        verify_access_token(FORGED[what]())

    assert (refusal.value.status, refusal.value.code) == (401, "token_not_valid")
    assert not tokens._remembered


def test_a_signature_that_was_checked_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed()
    first = verify_access_token(token)
    monkeypatch.setattr(tokens, "_read", lambda token: pytest.fail("checked again"))

    assert verify_access_token(token) == first


def test_a_remembered_token_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(exp=int(time.time()) + 60)
    verify_access_token(token)
    later = time.time() + 61
    monkeypatch.setattr(tokens.time, "time", lambda: later)

    with pytest.raises(BadToken):
        verify_access_token(token)


def test_memory_for_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_MOST_REMEMBERED", 3)
    made = [signed(jti=str(number)) for number in range(5)]

    for token in made:
        verify_access_token(token)

    assert list(tokens._remembered) == made[2:]
    assert verify_access_token(made[0]) == AccessClaims(7, 3, verify_access_token(made[0]).expires_at)


@given(text=st.text(max_size=80) | st.text(alphabet="abcXYZ012._-=", max_size=200))
@hypothesis_settings(deadline=None)
def test_any_text_is_refused_and_never_breaks(text: str) -> None:
    with pytest.raises(BadToken):
        verify_access_token(text)


@pytest.mark.parametrize(
    ("header", "token"),
    [("", None), ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Token abc", None)],
)
def test_the_token_is_what_follows_bearer(header: str, token: str | None) -> None:
    assert bearer_token(header) == token


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b"])
def test_bearer_without_one_token_is_refused(header: str) -> None:
    with pytest.raises(BadToken):
        bearer_token(header)
