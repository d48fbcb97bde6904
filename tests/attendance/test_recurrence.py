"""Rules: read on the clock of a place, and never for long."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from attendance.recurrence import BadRecurrence, Recurrence, recurrence_of

BERLIN = ZoneInfo("Europe/Berlin")
A_YEAR = timedelta(days=365)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def times(rule: str, start: str, zone: ZoneInfo = BERLIN) -> list[str]:
    found = recurrence_of(rule, at(start), zone).in_line(at(start) + A_YEAR).times(at(start) + A_YEAR)
    return [f"{one:%m-%d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("Europe/Berlin", "2027-03-22T08:00", ["03-22 08:00", "03-29 07:00", "04-05 07:00"]),
        ("Europe/Berlin", "2027-10-25T07:00", ["10-25 07:00", "11-01 08:00", "11-08 08:00"]),
        ("America/New_York", "2027-03-08T14:00", ["03-08 14:00", "03-15 13:00", "03-22 13:00"]),
        ("America/New_York", "2027-11-01T13:00", ["11-01 13:00", "11-08 14:00", "11-15 14:00"]),
        ("Asia/Kolkata", "2027-03-22T03:30", ["03-22 03:30", "03-29 03:30", "04-05 03:30"]),
    ],
)
def test_a_class_at_nine_stays_at_nine(zone: str, start: str, expected: list[str]) -> None:
    assert times("FREQ=WEEKLY;COUNT=3", start, ZoneInfo(zone)) == expected


def test_a_time_that_the_clock_leaves_out_takes_the_offset_before_the_gap() -> None:
    # On 2027-03-28 the clock goes from 02:00 to 03:00: half past two is 01:30 UTC, and shown as half past three.
    assert times("FREQ=DAILY;COUNT=3", "2027-03-27T01:30") == ["03-27 01:30", "03-28 01:30", "03-29 00:30"]


def test_a_time_that_the_clock_shows_twice_is_the_first() -> None:
    assert times("FREQ=DAILY;COUNT=3", "2027-10-30T00:30") == ["10-30 00:30", "10-31 00:30", "11-01 01:30"]


@pytest.mark.parametrize(
    ("rule", "count", "last"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", 10, "04-21 07:00"),
        ("freq=weekly;interval=2;until=20270419T070000Z;", 3, "04-19 07:00"),
        ("FREQ=WEEKLY;UNTIL=20270419T065959Z", 4, "04-12 07:00"),
        ("FREQ=WEEKLY;UNTIL=20270419T090000", 5, "04-19 07:00"),
        ("FREQ=WEEKLY;UNTIL=20270419", 5, "04-19 07:00"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", 3, "04-30 07:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=3", 3, "05-03 07:00"),
        ("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1;COUNT=2", 2, "04-01 07:00"),
        ("FREQ=DAILY;COUNT=1", 1, "03-22 08:00"),
        ("FREQ=WEEKLY", 53, "03-20 08:00"),
    ],
)
def test_rules_with_and_without_an_end(rule: str, count: int, last: str) -> None:
    found = times(rule, "2027-03-22T08:00")

    assert (len(found), found[-1]) == (count, last)


def test_the_first_counts_whatever_the_rule_says_and_then_the_end_is_written_as_a_date() -> None:
    start = at("2027-03-22T08:00")  # a Monday
    recurrence = recurrence_of("FREQ=WEEKLY;BYDAY=TU;COUNT=3", start, BERLIN).in_line(start + A_YEAR)

    assert recurrence.rule == "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270330T070000Z"
    assert recurrence.times(start + A_YEAR) == [start, at("2027-03-23T08:00"), at("2027-03-30T07:00")]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every Monday",
        "FREQ=HOURLY;COUNT=2",
        "FREQ=MINUTELY",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=" + "9" * 400,
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=1000000000",
        "FREQ=WEEKLY;COUNT=401",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20270419",
        "FREQ=WEEKLY;UNTIL=20270101",
        "FREQ=WEEKLY;UNTIL=20271399",
        "FREQ=WEEKLY;UNTIL=99991231",
        "FREQ=WEEKLY;UNTIL=00000000T000000Z",
        "FREQ=YEARLY;COUNT=10",
        "FREQ=YEARLY;INTERVAL=100;COUNT=300",
        "FREQ=WEEKLY;INTERVAL=99;UNTIL=99991231T235959Z",
        "FREQ=YEARLY;UNTIL=99991231",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;BYHOUR=9,14",
        "FREQ=DAILY;BYMINUTE=1",
        "FREQ=MONTHLY;BYEASTER=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=400",
        "FREQ=WEEKLY;COUNT=\u0663",
        "FREQ=WEEKLY;X-NAME=1",
        "FREQ=WEEKLY\nEXDATE:20270329T070000Z",
        "DTSTART:20270322T080000Z\nRRULE:FREQ=WEEKLY",
        "RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY",
        "EXRULE:FREQ=WEEKLY",
    ],
)
def test_what_is_no_rule_for_classes_is_refused(rule: str) -> None:
    with pytest.raises(BadRecurrence):
        times(rule, "2027-03-22T08:00")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=300",
    ],
)
def test_a_rule_without_a_day_is_refused_before_it_keeps_anybody_busy(rule: str) -> None:
    began = time.process_time()
    with pytest.raises(BadRecurrence):
        times(rule, "2027-03-22T08:00")

    # dateutil looks for up to eight thousand years, and takes more than this for most of them.
    assert time.process_time() - began < 0.4


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
RULES = st.one_of(
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format,
        st.integers(1, 4),
        st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(",".join),
    ),
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYDAY={}".format, st.integers(1, 4), st.sampled_from(["1MO", "-1FR", "2TU"])),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.integers(1, 31)),
    st.just("FREQ=YEARLY"),
)
STARTS = st.integers(0, 700).map(lambda days: at("2026-08-03T07:15") + timedelta(days=days))


@given(RULES, STARTS)
def test_it_gives_what_dateutil_gives(rule: str, start: datetime) -> None:
    before = start + 3 * A_YEAR
    recurrence = recurrence_of(rule, start, BERLIN)
    clock = recurrence.clock(start)
    expected = {clock, *rrulestr(rule, dtstart=clock).between(clock, recurrence.clock(before))}
    assume(len(expected) <= 400)

    assert recurrence.clocks(before) == sorted(one for one in expected if recurrence.at(one) < before)


@given(RULES, STARTS, st.integers(-6, 6), st.integers(1, 12), st.one_of(st.none(), st.integers(2, 30)))
def test_a_rule_in_two_parts_gives_the_same_and_the_later_part_moves(
    rule: str, start: datetime, days: int, number: int, count: int | None
) -> None:
    before = start + A_YEAR
    whole = recurrence_of(rule + (f";COUNT={count}" if count else ""), start, BERLIN)
    assume(count is None or whole.times(before)[-1] < before)
    whole = whole.in_line(before)
    every = whole.times(before)
    assume(number < len(every))
    place = every[number]
    sooner = whole.until_before(place)
    later = whole.from_place(place, to=place, before=before)
    moved_to = whole.at(whole.clock(place) + timedelta(days=days, hours=2))

    assert sooner.times(before) == every[:number]
    assert later.times(before) == every[number:]
    assert read_again(later).times(before) == later.times(before)
    try:
        moved = later.from_place(place, to=moved_to, before=before)
    except BadRecurrence:
        assert days
        assert "MONTHLY" in rule or "YEARLY" in rule
        return
    by = timedelta(days=days, hours=2)
    assert moved.clocks(before + timedelta(days=8))[: len(every) - number] == [one + by for one in later.clocks(before)]


def read_again(recurrence: Recurrence) -> Recurrence:
    return recurrence_of(recurrence.rule, recurrence.starts_at, recurrence.zone)


def test_a_rule_is_read_again_as_it_was_written() -> None:
    recurrence = recurrence_of("RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270419", at("2027-03-22T08:00"), BERLIN)

    assert recurrence.rule == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270419T215959Z"
    assert read_again(recurrence) == recurrence
    assert recurrence.until == datetime(2027, 4, 19, 21, 59, 59, tzinfo=UTC)
