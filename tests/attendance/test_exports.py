"""Exports of meetings, read: what each provider writes, and what people's computers make of it."""

import codecs
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.exports import Clock, Export, ExportRefused, read_bytes, read_export
from attendance.exports import reading as reading_module
from attendance.exports.times import Unreadable, read_duration

KOLKATA = ZoneInfo("Asia/Kolkata")
NINE = datetime(2026, 11, 22, 9, 0, tzinfo=KOLKATA)
CLOCK = Clock(KOLKATA, near=NINE)

ZOOM_HEAD = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\n"
    '"812 3456 7890",Signs,11/22/2026 08:55:00 AM,11/22/2026 10:00:00 AM,asha@demo.school,65,2,\n\n'
)
ZOOM = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room\n"
    "Bilal (Bilal Khan),bilal@demo.school,11/22/2026 09:01:12 AM,11/22/2026 09:30:00 AM,29,No,No\n"
    '"Khan, Bilal",,11/22/2026 09:35:00 AM,11/22/2026 10:00:00 AM,25,Yes,No\n'
    "Asha (Host),asha@demo.school,11/22/2026 08:55:00 AM,11/22/2026 10:00:00 AM,65,No,No\n"
    "iPhone,,11/22/2026 08:58:00 AM,11/22/2026 09:01:00 AM,3,Yes,Yes\n"
)
MEET = (
    "First name,Last name,Email,Duration,Time joined,Time exited\n"
    "Bilal,Khan,bilal@demo.school,58 min,9:01 AM,9:59 AM\n"
    "Asha,,asha@demo.school,1 hr 2 min,2026-11-22 08:58:00,2026-11-22 10:00:00\n"
)
TEAMS = (
    "1. Summary\r\nMeeting title\tSigns\r\nAttended participants\t2\r\nStart time\t11/22/26, 8:55:11 AM\r\n\r\n"
    "2. Participants\r\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\r\n"
    "Bilal Khan\t11/22/26, 9:01:12 AM\t11/22/26, 10:00:00 AM\t53m 48s\t\tbilal@demo.school\tPresenter\r\n"
    "Asha\t11/22/26, 8:55:11 AM\t11/22/26, 10:00:00 AM\t1h 4m 49s\tasha@demo.school\t\tOrganizer\r\n\r\n"
)
TEAMS_STAYS = (
    "3. In-Meeting Activities\r\n"
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\r\n"
    "Bilal Khan\t11/22/26, 9:01:12 AM\t11/22/26, 9:30:00 AM\t28m 48s\tbilal@demo.school\tPresenter\r\n"
    "Bilal Khan\t11/22/26, 9:35:00 AM\t11/22/26, 10:00:00 AM\t25m\tbilal@demo.school\tPresenter\r\n"
)
TEAMS_OF_2021 = (
    "Meeting Summary\nTotal Number of Participants\t1\nMeeting Start Time\t11/22/2026, 8:55:00 AM\n\n"
    "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)\n"
    "Bilal Khan\t11/22/2026, 9:01:12 AM\t11/22/2026, 9:30:00 AM\t28m 48s\tbilal@demo.school\tPresenter\t\n"
)
TEAMS_FIRST = (
    "Full Name\tUser Action\tTimestamp\n"
    "Bilal Khan\tJoined before\t11/22/2026, 8:59:00 AM\n"
    "Bilal Khan\tLeft\t11/22/2026, 9:30:00 AM\n"
    "Bilal Khan\tJoined\t11/22/2026, 9:35:00 AM\n"
    "Chitra\tLeft\t11/22/2026, 9:36:00 AM\n"
)


def read(text: str | bytes, clock: Clock = CLOCK, **asked: Any) -> Export:
    return read_export(text.encode() if isinstance(text, str) else text, clock=clock, **asked)


def stays(export: Export) -> list[tuple[str, ...]]:
    """Return who was there from when to when, on the clock of Kolkata."""
    return [
        (each.name, each.email, *(at.astimezone(KOLKATA).strftime("%H:%M:%S") if at else "" for at in times))
        for each in export.participations
        for times in [(each.joined_at, each.left_at)]
    ]


@pytest.mark.parametrize("head", ["", ZOOM_HEAD])
def test_zoom_tells_each_stay(head: str) -> None:
    export = read(head + ZOOM)

    assert (export.provider, export.bad_lines) == ("zoom", ())
    assert stays(export) == [
        ("Bilal (Bilal Khan)", "bilal@demo.school", "09:01:12", "09:30:00"),
        ("Khan, Bilal", "", "09:35:00", "10:00:00"),
        ("Asha (Host)", "asha@demo.school", "08:55:00", "10:00:00"),
        ("iPhone", "", "", ""),
    ]
    assert [(each.is_host, each.has_waited) for each in export.participations][2:] == [(True, False), (False, True)]
    assert export.participations[0].line == 2 + head.count("\n")


def test_zoom_with_unique_users_tells_totals_only() -> None:
    text = "Name (original name),Email,Total duration (minutes),Guest\nBilal,,58,Yes\nAsha,,many,No\n"
    export = read(text)

    assert export.has_totals_only
    assert [(each.name, each.joined_at, each.minutes) for each in export.participations] == [("Bilal", None, 58)]
    assert [bad.line for bad in export.bad_lines] == [3]


def test_meet_tells_times_without_a_date() -> None:
    export = read(MEET)

    assert export.provider == "meet"
    assert stays(export) == [
        ("Bilal Khan", "bilal@demo.school", "09:01:00", "09:59:00"),
        ("Asha", "asha@demo.school", "08:58:00", "10:00:00"),
    ]


def test_a_meeting_over_midnight_ends_the_next_day() -> None:
    late = Clock(KOLKATA, near=datetime(2026, 11, 22, 23, 50, tzinfo=KOLKATA))
    [stay] = read("Name,Email,Duration,Time joined,Time exited\nBilal,,30 min,11:45 PM,12:15 AM\n", late).participations

    assert stay.joined_at == datetime(2026, 11, 22, 23, 45, tzinfo=KOLKATA)
    assert stay.left_at == datetime(2026, 11, 23, 0, 15, tzinfo=KOLKATA)


def test_teams_today_tells_people_and_how_long_they_were_there() -> None:
    export = read(codecs.BOM_UTF16_LE + TEAMS.encode("utf-16-le"))

    assert export.provider == "teams"
    assert stays(export)[0] == ("Bilal Khan", "bilal@demo.school", "09:01:12", "09:55:00")
    assert [each.is_host for each in export.participations] == [False, True]


@pytest.mark.parametrize("between", ["", "\r\n"])
def test_teams_stays_are_taken_where_they_are_told(between: str) -> None:
    export = read(TEAMS.rstrip("\r\n") + "\r\n" + between + TEAMS_STAYS)

    assert [stay[2:] for stay in stays(export)] == [("09:01:12", "09:30:00"), ("09:35:00", "10:00:00")]
    assert export.bad_lines == ()


def test_teams_without_any_activity_falls_back_to_its_people() -> None:
    assert len(read(TEAMS + TEAMS_STAYS.split("Bilal", maxsplit=1)[0]).participations) == 2


def test_teams_of_2021_is_one_table() -> None:
    assert stays(read(TEAMS_OF_2021)) == [("Bilal Khan", "bilal@demo.school", "09:01:12", "09:30:00")]


def test_teams_at_first_told_who_came_and_who_went() -> None:
    export = read(TEAMS_FIRST)

    assert stays(export) == [("Bilal Khan", "", "08:59:00", "09:30:00"), ("Bilal Khan", "", "09:35:00", "")]
    assert [(bad.line, bad.reason) for bad in export.bad_lines] == [(5, "Nobody of this name had joined.")]


def test_times_that_say_utc_are_in_utc() -> None:
    [stay] = read(TEAMS_OF_2021.replace("Join Time", "Join Time (UTC)")).participations

    assert stay.joined_at == datetime(2026, 11, 22, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + ZOOM.encode(),
        codecs.BOM_UTF16_BE + ZOOM.encode("utf-16-be"),
        ZOOM.encode("utf-16-le"),
        ZOOM.replace("\n", "\r\n").encode(),
        ZOOM.replace("\n", "\r").encode(),
        ZOOM.replace("\n", "\r\n", 2).encode(),
        ZOOM.replace("\n", "\n\n").encode(),
        ZOOM.replace('"Khan, Bilal"', "Khan Bilal").replace(",", ";").encode(),
    ],
    ids=["utf-8 mark", "utf-16 be", "utf-16 without mark", "crlf", "cr", "mixed", "blank lines", "semicolons"],
)
def test_a_file_is_the_same_however_it_was_saved(data: bytes) -> None:
    assert [stay[2:] for stay in stays(read(data))] == [stay[2:] for stay in stays(read(ZOOM))]


def test_names_of_western_windows_are_read() -> None:
    assert read(ZOOM.replace("iPhone", "José").encode("cp1252")).participations[-1].name == "José"


def test_a_quoted_cell_may_hold_lines_and_the_next_keep_their_numbers() -> None:
    text = ZOOM.replace('"Khan, Bilal"', '"Khan,\n Bilal"').replace("08:55:00 AM", "at nine")
    export = read(text)

    assert export.participations[1].name == "Khan, Bilal"
    assert [(bad.line, bad.reason) for bad in export.bad_lines] == [(5, "“11/22/2026 at nine” is no time.")]


def test_a_name_is_text_whatever_it_looks_like() -> None:
    text = ZOOM.replace("iPhone", '"=HYPERLINK(""http://x"")\x1b[2J\u202e"')
    assert read(text).participations[-1].name == '=HYPERLINK("http://x") [2J'


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "known here"),
        (b"Name,Mark\nBilal,5\n", "known here"),
        (ZOOM.replace("Bilal (", "Bi\0lal (").encode(), "NUL"),
        (ZOOM.encode() + b'"Bilal,,', "Line 6"),
        (b"\xff\xfe\x00\xd8", "not readable"),
        (b"%PDF-1.7\x00\x00\x00\x00\x00", "text"),
    ],
    ids=["empty", "another table", "nul", "open quote", "half a character", "pdf"],
)
def test_what_is_no_export_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ExportRefused, match=told):
        read(data)


def test_another_providers_export_is_refused_where_one_is_named() -> None:
    assert read(ZOOM, provider="zoom").provider == "zoom"
    with pytest.raises(ExportRefused, match="meet"):
        read(ZOOM, provider="meet")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "zoom.csv"
    path.write_text(ZOOM)
    monkeypatch.setattr(reading_module, "MAX_BYTES", len(ZOOM))
    assert read_bytes(path) == ZOOM.encode()
    path.write_text(ZOOM + "x")
    with pytest.raises(ExportRefused, match="too large"):
        read_bytes(path)
    with pytest.raises(ExportRefused, match="no file"):
        read_bytes(tmp_path)


def test_a_file_of_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MAX_ROWS", 4)
    with pytest.raises(ExportRefused, match="too many lines"):
        read(ZOOM)


@pytest.mark.parametrize(
    ("text", "day_first", "told"),
    [
        ("11/22/2026 09:01:12 AM", False, "2026-11-22 09:01:12"),
        ("11/22/26, 9:01:12\u202fPM", False, "2026-11-22 21:01:12"),
        ("11/22/2026 12:00:00 AM", False, "2026-11-22 00:00:00"),
        ("11/22/2026 12:30 pm", False, "2026-11-22 12:30:00"),
        ("4/3/2026 14:00", False, "2026-04-03 14:00:00"),
        ("4/3/2026 14:00", True, "2026-03-04 14:00:00"),
        ("22/11/2026, 9:01:12 a.m.", True, "2026-11-22 09:01:12"),
        ("22.11.26, 09:01:12", False, "2026-11-22 09:01:12"),
        ("2026-11-22 09:01:12", True, "2026-11-22 09:01:12"),
        ("2026-11-22T03:31:12Z", False, "2026-11-22 09:01:12"),
        ("2026-11-22T03:31:12.123+00:00", False, "2026-11-22 09:01:12"),
        ("Nov 22, 2026 9:01 AM", False, "2026-11-22 09:01:00"),
        ("22 November 2026 09:01", False, "2026-11-22 09:01:00"),
        ("9:01 AM", False, "2026-11-22 09:01:00"),
    ],
)
def test_times_are_read_as_they_are_written(text: str, day_first: bool, told: str) -> None:
    clock = Clock(KOLKATA, near=NINE, day_first=day_first)
    assert clock.read(text).astimezone(KOLKATA).strftime("%Y-%m-%d %H:%M:%S") == told


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "22/11/2026 09:00", "11/22/2026", "11/22/2026 25:00", "11/22/2026 13:00 PM", "0/0/0000 00:00",
        "2/30/2026 09:00", "0001-01-01 00:00", "9999-12-31 23:59Z", "2026-11-22 09:00+99:99", "११/२२/२०२६ ०९:००",
        "11/22/2026 09:60", "Foo 22, 2026 09:00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        CLOCK.read(text)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_unreadable(text: str) -> None:
    with suppress(Unreadable):
        assert CLOCK.read(text).tzinfo is not None


@given(st.binary(max_size=300))
def test_any_bytes_are_an_export_or_refused(data: bytes) -> None:
    for prefix in (b"", b"Name,Time joined,Time exited\n"):
        with suppress(ExportRefused):
            read(prefix + data)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 2m 3s", 3723), ("1 hr 2 min", 3720), ("58 min", 3480), ("42m", 2520), ("8s", 8), ("1:02:03", 3723),
        ("62", 3720), ("2 hours 5 minutes", 7500), ("", None), ("soon", None), ("1:2", None), ("3s 2h", None),
    ],
)  # fmt: skip
def test_durations_are_read(text: str, seconds: int | None) -> None:
    assert read_duration(text) == (None if seconds is None else timedelta(seconds=seconds))


def test_leaving_before_coming_is_a_bad_line() -> None:
    export = read(ZOOM.replace("09:30:00 AM,29", "09:00:00 AM,29"))
    assert [(bad.line, bad.reason) for bad in export.bad_lines] == [(2, "They left before they came.")]
