"""Firebase Cloud Messaging, HTTP v1: one message to one token, and what its refusals mean.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send and …/v1/ErrorCode.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.conf import settings
from google.auth.exceptions import GoogleAuthError
from google.auth.transport import Request, Response
from google.oauth2.service_account import Credentials

from e_learning.core.http import Answer, UnreachableService, call

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


class TokenGone(Exception):
    """The app was removed, or what was registered never was a token: the device is to be forgotten."""


class FirebaseRefused(Exception):
    """Wrong in a way that trying again won't mend."""


class FirebaseBusy(Exception):
    """No answer, or one that asks for patience; ``retry_after`` is how much, where it said so."""

    def __init__(self, why: str, retry_after: timedelta = timedelta()) -> None:
        super().__init__(why)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` and ``body`` are shown by the device itself; ``data`` is for the app, texts only."""

    token: str
    title: str
    body: str
    data: Mapping[str, str]
    lives_for: timedelta

    @property
    def json(self) -> dict[str, Any]:
        seconds = int(self.lives_for.total_seconds())
        expires = int(datetime.now(UTC).timestamp()) + seconds
        return {
            "token": self.token,
            "notification": {"title": self.title, "body": self.body},
            "data": dict(self.data),
            "android": {"ttl": f"{seconds}s"},
            "apns": {"headers": {"apns-expiration": str(expires)}},
            "webpush": {"headers": {"TTL": str(seconds)}},
        }


def is_set_up() -> bool:
    return bool(settings.FCM_SERVICE_ACCOUNT_FILE)


def send(message: Message) -> None:
    """Hand ``message`` to Firebase. Raises ``TokenGone``, ``FirebaseRefused`` or ``FirebaseBusy``.

    An access token that is refused is fetched anew once: it may have been revoked before its hour was over.
    """
    account = _account(settings.FCM_SERVICE_ACCOUNT_FILE)
    answer = _post(account, message, account.token())
    if answer.status == HTTPStatus.UNAUTHORIZED:
        answer = _post(account, message, account.token(anew=True))
    if answer.status != HTTPStatus.OK:
        raise _trouble_in(answer)


def _post(account: "_Account", message: Message, token: str) -> Answer:
    address = f"{settings.FCM_BASE_URL}/v1/projects/{account.project}/messages:send"
    try:
        return call("POST", address, json={"message": message.json}, headers={"Authorization": f"Bearer {token}"})
    except UnreachableService as error:
        raise FirebaseBusy("no answer") from error


def _trouble_in(answer: Answer) -> Exception:
    """Return what the refusal means. A 404 or 400 alone does not forget a device: our own address may be wrong."""
    error = _error_in(answer.body)
    details = [detail for detail in error.get("details") or () if isinstance(detail, dict)]
    codes = {detail.get("errorCode") for detail in details}
    said = f"{answer.status} {', '.join(sorted(filter(None, codes))) or error.get('status', '')}".strip()
    if "UNREGISTERED" in codes or (answer.status == HTTPStatus.BAD_REQUEST and _is_about_token(error, details)):
        return TokenGone(said)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FirebaseBusy(said, _retry_after(answer.headers.get("retry-after", "")))
    if answer.status == HTTPStatus.UNAUTHORIZED:  # twice: Google's clock or our key is off, which people mend
        return FirebaseBusy(said)
    return FirebaseRefused(said)


def _error_in(body: bytes) -> dict[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _is_about_token(error: dict[str, Any], details: list[dict[str, Any]]) -> bool:
    fields = [violation.get("field") for detail in details for violation in detail.get("fieldViolations") or ()]
    return "message.token" in fields or "registration token" in str(error.get("message", "")).lower()


def _retry_after(header: str) -> timedelta:
    """Seconds, or a date (RFC 9110); nothing where it is neither."""
    try:
        if header.isdecimal():
            return timedelta(seconds=min(int(header), 24 * 3600))
        return max(parsedate_to_datetime(header) - datetime.now(UTC), timedelta())
    except (ValueError, TypeError):
        return timedelta()


# --- who we are to Google -----------------------------------------------------------------------
class _Account:
    """The service account of one key file; its access token is kept for its hour, for all threads."""

    def __init__(self, path: str) -> None:
        self._credentials = Credentials.from_service_account_file(path, scopes=[_SCOPE])
        self._lock = Lock()
        self.project = self._credentials.project_id

    def token(self, *, anew: bool = False) -> str:
        with self._lock:
            if anew or not self._credentials.valid:
                try:
                    self._credentials.refresh(_ThroughOurDoor())
                except GoogleAuthError as error:
                    raise FirebaseBusy(f"no access token: {error}") from error
            return str(self._credentials.token)


@lru_cache(maxsize=2)
def _account(path: str) -> _Account:
    return _Account(path)


class _Answered(Response):
    """An answer as google-auth wants it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body


class _ThroughOurDoor(Request):
    """google-auth's way to the network: by ``core/http.py``, with its time-outs and bounds."""

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **kwargs: Any
    ) -> _Answered:
        try:
            return _Answered(call(method, url, content=body, headers=headers))
        except UnreachableService as error:
            raise GoogleAuthError("Google does not answer") from error
