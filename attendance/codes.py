"""The code of a session: who reads it from the board is there now.

Six digits that change every half minute, by RFC 4226's truncation of an HMAC-SHA256 over the session and the number of
the half minute. Nothing is stored, and nobody can tell the next code from those seen: the key is derived from the
platform's secret. Pure: no database; the clock comes in.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import segno
from django.utils.crypto import constant_time_compare, salted_hmac

from attendance.models import LiveSession

STEP_SECONDS = 30
#: How many steps before and after the one of the moment are taken: reading and typing a code takes its time.
STEPS_BESIDE = 1
_DIGITS = 6
_SALT = "attendance.codes"
_QR = re.compile(r"attendance:(?P<session>[0-9]{1,19}):(?P<code>[0-9]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CodeShown:
    """The code of a moment, as it is shown to a class. ``qr_svg`` has no size of its own: it fills what holds it."""

    code: str
    step_seconds: int
    valid_until: datetime
    expires_in: int
    qr_text: str
    qr_svg: str


def code_at(session_id: int, at: datetime) -> str:
    """Return the session's code at ``at``: six digits."""
    return _code_of_step(session_id, _step(at))


def matches(session_id: int, given: str, at: datetime) -> bool:
    """Say whether ``given``, typed digits or the QR's text, is the session's code of about ``at``.

    All steps are compared in full, whichever fits: the time it takes says nothing.
    """
    code = _typed(session_id, given)
    steps = range(_step(at) - STEPS_BESIDE, _step(at) + STEPS_BESIDE + 1)
    return sum(constant_time_compare(code, _code_of_step(session_id, step)) for step in steps) > 0


def qr_text(session_id: int, code: str) -> str:
    return f"attendance:{session_id}:{code}"


def code_shown(session: LiveSession, at: datetime) -> CodeShown:
    """Return the session's code of ``at``, with its QR, until when it is shown (UTC), and for how many seconds yet."""
    code = code_at(session.pk, at)
    until = datetime.fromtimestamp((_step(at) + 1) * STEP_SECONDS, UTC)
    text = qr_text(session.pk, code)
    return CodeShown(
        code=code,
        step_seconds=STEP_SECONDS,
        valid_until=until,
        expires_in=-((at - until) // timedelta(seconds=1)),
        qr_text=text,
        qr_svg=_drawn(text),
    )


def _drawn(text: str) -> str:
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, nl=False, light="#fff", omitsize=True
    )
    return drawn.getvalue().decode()


def _step(at: datetime) -> int:
    return int(at.timestamp() // STEP_SECONDS)


def _code_of_step(session_id: int, step: int) -> str:
    digest = salted_hmac(_SALT, f"{session_id}:{step}", algorithm="sha256").digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def _typed(session_id: int, given: str) -> str:
    """Return the digits of what was typed or read; a QR of another session has none."""
    text = "".join(given.split())
    read = _QR.fullmatch(text)
    if read is None:
        return text
    return read["code"] if int(read["session"]) == session_id else ""
