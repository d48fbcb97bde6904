"""A calendar file says of every day what the rows say, to a parser that is not ours."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from accounts.models import CustomUser
from attendance.calendars import calendar_file
from attendance.models import LiveSession
from attendance.selectors.calendar import calendar_sessions
from attendance.vtimezones import timezone_component
from courses.models import Course
from tests.attendance.calendars import events_in, make_series, shown_by, standing, weekly
from tests.factories.classes import make_session

pytestmark = pytest.mark.django_db
FAR = datetime(2030, 1, 1, tzinfo=UTC)
#: What the clock shows on a wall somewhere.
NINE = datetime.fromisoformat("2027-03-01T09:00")


def file_of(teacher: CustomUser) -> bytes:
    rows = calendar_sessions(teacher, since=datetime(2000, 1, 1, tzinfo=UTC))
    return calendar_file(rows, name="My classes", host="school.example")


# --- what recurs ----------------------------------------------------------------------------------
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"])
@pytest.mark.parametrize("end", ["COUNT=40", "UNTIL=20271129T235900Z"])
def test_a_class_at_nine_stays_at_nine(asha: CustomUser, course: Course, zone: str, end: str) -> None:
    """40 weeks, with both changes of the clock among them."""
    rows = make_series(course, f"FREQ=WEEKLY;{end}", weekly(NINE, 40), zone)

    shown = shown_by(file_of(asha), until=FAR)

    assert shown == standing(rows)
    assert {one.starts_at.astimezone(ZoneInfo(zone)).hour for one in shown} == {9}


def test_a_class_of_years_stays_at_nine(asha: CustomUser, course: Course) -> None:
    """Some programs read one change of the clock from a line, however many stand there."""
    rows = make_series(course, "FREQ=WEEKLY;INTERVAL=4;COUNT=50", weekly(NINE, 200)[::4], "Europe/Berlin")

    assert shown_by(file_of(asha), until=FAR + timedelta(days=1000)) == standing(rows)


def test_what_is_left_out_cancelled_moved_and_renamed(asha: CustomUser, course: Course) -> None:
    clocks = weekly(NINE, 10)
    left_out = clocks.pop(2)
    exceptions = [f"{left_out.replace(tzinfo=ZoneInfo('Europe/Berlin')).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]
    rows = make_series(course, "FREQ=WEEKLY;COUNT=10", clocks, "Europe/Berlin", exceptions=exceptions)
    change(rows[1], state="cancelled")
    change(rows[3], starts_at=rows[3].starts_at + timedelta(days=1), ends_at=rows[3].ends_at + timedelta(days=1))
    change(rows[4], starts_at=rows[5].starts_at, ends_at=rows[5].ends_at)
    change(rows[6], title="Examination", is_changed=True)
    change(rows[7], ends_at=rows[7].ends_at + timedelta(minutes=30))

    shown = shown_by(file_of(asha), until=FAR)

    assert shown == standing(rows)
    assert len(shown) == 8


def test_a_cancelled_day_is_left_out_and_no_event_of_its_own(asha: CustomUser, course: Course) -> None:
    rows = make_series(course, "FREQ=WEEKLY;COUNT=3", weekly(NINE, 3), "Europe/Berlin")
    change(rows[1], state="cancelled")

    [event] = events_in(file_of(asha))
    assert [day.value for day in event.contents["exdate"]] == [[rows[1].starts_at]]
    assert b"EXDATE;TZID=Europe/Berlin:20270308T090000\r\n" in file_of(asha)


def test_what_was_cancelled_altogether_is_not_there(asha: CustomUser, course: Course) -> None:
    for row in make_series(course, "FREQ=DAILY;COUNT=3", [NINE, NINE.replace(day=2), NINE.replace(day=3)], "UTC"):
        change(row, state="cancelled")
    change(make_session(course, starts_at=NINE.replace(tzinfo=UTC)), state="cancelled")

    assert events_in(file_of(asha)) == []


def test_a_rule_without_an_end_goes_on_after_what_was_made(asha: CustomUser, course: Course) -> None:
    rows = make_series(course, "FREQ=WEEKLY", weekly(NINE, 20), "Europe/Berlin")
    shown = shown_by(file_of(asha), until=datetime(2028, 1, 1, tzinfo=UTC))

    assert shown[:20] == standing(rows)
    assert len(shown) == 44
    assert {one.starts_at.astimezone(ZoneInfo("Europe/Berlin")).hour for one in shown} == {9}


def test_what_will_be_left_out_is_left_out_already(asha: CustomUser, course: Course) -> None:
    later = datetime(2027, 8, 2, 7, tzinfo=UTC)
    make_series(course, "FREQ=WEEKLY", weekly(NINE, 4), "Europe/Berlin", exceptions=[later.isoformat()])
    shown = [one.starts_at for one in shown_by(file_of(asha), until=FAR)]

    assert later not in shown
    assert later + timedelta(weeks=1) in shown


def test_a_first_class_beside_its_rule_is_shown_once(asha: CustomUser, course: Course) -> None:
    """Programs disagree on whether a DTSTART that the rule does not give takes place, and whether COUNT counts it."""
    clocks = [NINE, NINE.replace(day=3), NINE.replace(day=10), NINE.replace(day=17)]
    rows = make_series(course, "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270317T235959Z", clocks, "Europe/Berlin")

    assert shown_by(file_of(asha), until=FAR) == standing(rows)
    assert [event.dtstart.value.day for event in events_in(file_of(asha))] == [3, 1]


def test_a_rule_of_which_no_day_was_made_yet_is_not_shown_yet(asha: CustomUser, course: Course) -> None:
    rows = make_series(course, "FREQ=YEARLY;BYMONTH=6", [NINE], "Europe/Berlin")

    assert shown_by(file_of(asha), until=FAR) == standing(rows)


def test_a_row_that_is_gone_is_not_shown_and_one_beside_the_rule_is(asha: CustomUser, course: Course) -> None:
    rows = make_series(course, "FREQ=WEEKLY;COUNT=5", weekly(NINE, 5), "America/New_York")
    rows.pop(2).delete()
    other = rows[0].starts_at + timedelta(days=2)
    change(rows[0], recurs_at=other, starts_at=other, ends_at=other + timedelta(hours=1))

    assert shown_by(file_of(asha), until=FAR) == standing(rows)


def test_a_class_in_the_hour_that_summer_time_skips(asha: CustomUser, course: Course) -> None:
    clocks = [NINE.replace(day=day, hour=2, minute=30) for day in (27, 28, 29)]
    rows = make_series(course, "FREQ=DAILY;COUNT=3", clocks, "Europe/Berlin")
    change(rows[1], state="cancelled")

    assert shown_by(file_of(asha), until=FAR) == standing(rows)


def test_the_series_keeps_its_first_day_and_its_count_of_changes_grows(asha: CustomUser, course: Course) -> None:
    rows = make_series(course, "FREQ=WEEKLY;COUNT=3", weekly(NINE, 3), "Europe/Berlin")
    change(rows[1], sequence=2, title="Other")
    change(rows[2], sequence=1)
    latest = max(row.updated_at for row in LiveSession.objects.all()).replace(microsecond=0)

    series, other = events_in(file_of(asha))

    assert (series.uid.value, series.sequence.value) == (f"series-{rows[0].series_id}@school.example", "3")
    assert (other.uid.value, other.sequence.value) == (series.uid.value, "2")
    assert series.dtstart.value == rows[0].starts_at
    assert series.dtstamp.value == series.contents["last-modified"][0].value == latest
    assert file_of(asha) == file_of(asha)


# --- what is said of a class ----------------------------------------------------------------------
def test_a_session_alone(asha: CustomUser, course: Course) -> None:
    row = make_session(
        course,
        starts_at=datetime(2027, 3, 1, 9, tzinfo=UTC),
        mode="hybrid",
        meeting_url="https://meet.example/secret",
        latitude=27.1751,
        longitude=-78.0421,
        radius_m=50,
    )
    file = file_of(asha).decode()
    [event] = events_in(file.encode())

    assert b"secret" not in file.encode()
    assert "BEGIN:VTIMEZONE" not in file
    assert event.uid.value == f"session-{row.pk}@school.example"
    for line in [
        "DTSTART:20270301T090000Z", "DTEND:20270301T100000Z", "SUMMARY:Spelling together",
        f"DESCRIPTION:{course.title}",
        "LOCATION:27.175100\\, -78.042100", "GEO:27.1751;-78.0421", "STATUS:CONFIRMED", "NAME:My classes",
        "X-WR-CALNAME:My classes", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "VERSION:2.0",
    ]:  # fmt: skip
        assert f"\r\n{line}\r\n" in file


@pytest.mark.parametrize(
    "title",
    [
        'Signs, letters; and \\ more: "A"',
        "संकेत भाषा की पाठशाला " * 8,
        "👩‍👩‍👧‍👦 families " * 9,
        "x" * 200,
    ],
    ids=["signs", "devanagari", "emoji", "long"],
)
def test_titles_come_back_as_they_were(asha: CustomUser, course: Course, title: str) -> None:
    title = title[:200].strip()
    make_session(course, starts_at=NINE.replace(tzinfo=UTC), title=title)
    file = file_of(asha)

    assert [event.summary.value for event in events_in(file)] == [title]
    assert max(len(line) for line in file.split(b"\r\n")) <= 75


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\x0b", "\x85", "\u2028"])
def test_no_title_begins_a_line(asha: CustomUser, course: Course, end: str) -> None:
    make_session(course, starts_at=NINE.replace(tzinfo=UTC), title=f"Signs{end}ATTACH:https://evil.example/")
    [event] = events_in(file_of(asha))

    assert event.summary.value == "Signs ATTACH:https://evil.example/"
    assert "attach" not in event.contents


# --- time zones -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin",
     "America/Santiago", "America/St_Johns", "Pacific/Apia", "Etc/UTC"],
)  # fmt: skip
def test_a_zone_is_what_its_name_says(name: str) -> None:
    """Every day at noon, and every half hour of the days on which its clock changes, by another reader."""
    zone, component = ZoneInfo(name), timezone_component(name, 2025, 2028).to_ical().decode().replace("\r\n ", "")
    read = tzical(StringIO(component)).get()
    days = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(3 * 365)]
    moments = set(days)
    for day, next_day in pairwise(days):
        if day.astimezone(zone).utcoffset() != next_day.astimezone(zone).utcoffset():
            moments |= {day + timedelta(minutes=30 * step) for step in range(48)}

    assert [at for at in moments if at.astimezone(read).utcoffset() != at.astimezone(zone).utcoffset()] == []


def change(row: LiveSession, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
