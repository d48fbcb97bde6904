"""The code of a session: what it is made of, when it is taken, and how it is shown."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from attendance.codes import STEP_SECONDS, code_at, code_shown, matches, qr_text
from attendance.models import LiveSession

NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=STEP_SECONDS)
moments = st.floats(1e9, 4e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def by_the_rfc(secret: str, session_id: int, at: datetime) -> str:
    """The same, written another way: HOTP of RFC 4226, section 5.3, with SHA-256."""
    key = hashlib.sha256(b"attendance.codes" + secret.encode()).digest()
    mac = hmac.new(key, f"{session_id}:{int(at.timestamp()) // 30}".encode(), hashlib.sha256).digest()
    at_byte = mac[31] & 15
    bits = "".join(f"{byte:08b}" for byte in mac[at_byte : at_byte + 4])[1:]
    return f"{int(bits, 2) % 1_000_000:06d}"


@given(session_id=st.integers(1, 2**63 - 1), at=moments)
def test_it_is_what_the_rfc_says(session_id: int, at: datetime) -> None:
    from django.conf import settings

    assert code_at(session_id, at) == by_the_rfc(settings.SECRET_KEY, session_id, at)


def test_another_secret_gives_other_codes(settings: Any) -> None:
    before = [code_at(1, NINE + STEP * number) for number in range(10)]
    settings.SECRET_KEY = "another"

    assert [code_at(1, NINE + STEP * number) for number in range(10)] != before


def test_six_digits_also_where_the_number_is_small() -> None:
    codes = [code_at(session_id, NINE) for session_id in range(1, 500)]

    assert {len(code) for code in codes} == {6}
    assert any(code.startswith("0") for code in codes)


def test_codes_are_spread_over_all_digits() -> None:
    """A truncation that loses bits would show here: each digit stands in each position about as often."""
    codes = [code_at(1, NINE + STEP * number) for number in range(5000)]

    for position in range(6):
        often = [sum(code[position] == digit for code in codes) for digit in "0123456789"]
        assert min(often) > 400 and max(often) < 600  # noqa: PT018 - one range


@given(at=moments, steps=st.integers(-5, 5))
def test_the_step_and_one_either_side_are_taken_and_no_other(at: datetime, steps: int) -> None:
    shown = code_at(7, at + STEP * steps)
    near = {code_at(7, at + STEP * by) for by in (-1, 0, 1)}

    assert matches(7, shown, at) == (shown in near)
    assert matches(7, shown, at) or abs(steps) > 1


@pytest.mark.parametrize("typed", ["{code}", " {code}\n", "{spaced}", "attendance:7:{code}", " attendance:7:{code} "])
def test_typed_and_scanned_are_the_same(typed: str) -> None:
    code = code_at(7, NINE)

    assert matches(7, typed.format(code=code, spaced=f"{code[:3]} {code[3:]}"), NINE)


@pytest.mark.parametrize(
    "given",
    ["", "0", "{code}0", "attendance:8:{code}", "attendance:7:", "attendance:7:{code}:", "Attendance:7:{code}",
     "attendance:٧:{code}", "१२३४५६", "12345💥", "attendance:" + "9" * 19 + ":{code}"],
)  # fmt: skip
def test_anything_else_is_a_wrong_code(given: str) -> None:
    assert not matches(7, given.format(code=code_at(7, NINE)), NINE)


def test_of_another_session_it_is_another_code() -> None:
    shared = [session_id for session_id in range(8, 300) if code_at(session_id, NINE) == code_at(7, NINE)]

    assert shared == []


def test_it_is_shown_until_its_step_ends() -> None:
    session = LiveSession(pk=7)
    for second, left in ((0, 30), (0.5, 30), (1, 29), (29, 1), (29.9, 1), (30, 30)):
        shown = code_shown(session, NINE + timedelta(seconds=second))
        assert (shown.expires_in, shown.step_seconds) == (left, 30)
        assert shown.valid_until == NINE + STEP * (1 + int(second // 30))
        assert shown.code == code_at(7, NINE + timedelta(seconds=second))


def test_the_qr_scales_holds_nothing_that_runs_and_no_two_are_alike() -> None:
    drawings = set()
    for number in range(3):
        shown = code_shown(LiveSession(pk=7), NINE + STEP * number)
        svg = ElementTree.fromstring(shown.qr_svg)
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        assert "viewBox" in svg.attrib
        assert "width" not in svg.attrib
        assert {element.tag.rpartition("}")[2] for element in svg.iter()} == {"svg", "path"}
        assert shown.qr_text == qr_text(7, shown.code)
        drawings.add(shown.qr_svg)
    assert len(drawings) == 3


def test_the_qr_says_its_text() -> None:
    """Read off module by module: what is dark in the drawing is what the standard's encoder makes dark."""
    import segno

    shown = code_shown(LiveSession(pk=7), NINE)
    matrix = segno.make(shown.qr_text, error="m", micro=False).matrix
    svg = ElementTree.fromstring(shown.qr_svg)
    [drawn] = [path.attrib["d"] for path in svg.iter() if path.attrib.get("stroke") == "#000"]

    assert svg.attrib["viewBox"] == f"0 0 {len(matrix) + 8} {len(matrix) + 8}"
    assert _dark_lengths(drawn) == sum(sum(row) for row in matrix)


def _dark_lengths(drawn: str) -> int:
    return sum(int(step.split("m")[0].split("M")[0]) for step in drawn.split("h")[1:])


# --- over the API -------------------------------------------------------------------------------


def of(session: LiveSession) -> str:
    return f"/api/attendance/sessions/{session.pk}/code/"


@pytest.mark.django_db
def test_who_teaches_sees_the_code_of_the_moment(ashas: APIClient, session: LiveSession) -> None:
    answer = ashas.get(of(session))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = answer.json()
    assert set(shown) == {"code", "step_seconds", "valid_until", "expires_in", "qr_text", "qr_svg"}
    assert matches(session.pk, shown["code"], datetime.now(UTC))
    assert shown["valid_until"].endswith("Z")
    assert shown["qr_svg"].startswith("<svg")


@pytest.mark.django_db
def test_an_admin_sees_it_too(admins: APIClient, session: LiveSession) -> None:
    assert admins.get(of(session)).status_code == 200


@pytest.mark.django_db
def test_nobody_else_is_shown_it(
    bilals: APIClient, chitras: APIClient, anonymous: APIClient, session: LiveSession
) -> None:
    refused = bilals.get(of(session))

    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "owners_only"
    assert chitras.get(of(session)).status_code == 404
    assert anonymous.get(of(session)).status_code == 401
    shown = [code_at(session.pk, datetime.now(UTC) + STEP * by) for by in (-1, 0, 1)]
    assert not any(code in refused.content.decode() for code in shown)


@pytest.mark.django_db
def test_a_cancelled_class_has_none(ashas: APIClient, session: LiveSession) -> None:
    LiveSession.objects.update(state="cancelled")
    answer = ashas.get(of(session))

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "session_cancelled"
