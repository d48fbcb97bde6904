"""Where a person's day begins, around the world and across daylight saving."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from courses.learning.days import (
    current_streak,
    day_at,
    day_before,
    last_days,
    longest_streak,
    there_is,
    week_of,
    zone_of,
)

QUARTER = 15 * 60
ZONES = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def quarters_of(day: date, zone: str) -> int:
    """How many quarters of an hour UTC lie in the day."""
    start = seconds(datetime(day.year, day.month, day.day, tzinfo=UTC)) - 30 * 3600
    return sum(day_at(start + n * QUARTER, ZoneInfo(zone)) == day for n in range(4 * 84))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 3, 9), 24),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Beirut", date(2026, 3, 29), 23),  # it goes on at midnight: the day begins at one
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_says(zone: str, day: date, hours: float) -> None:
    assert quarters_of(day, zone) == hours * 4


@pytest.mark.parametrize("name", ZONES)
def test_no_day_begins_within_a_quarter_of_an_hour(name: str) -> None:
    zone = ZoneInfo(name)
    first = seconds(datetime(2025, 1, 1, tzinfo=UTC))
    for start in range(first, first + 2 * 366 * 86_400, QUARTER):
        if day_at(start, zone) != day_at(start + QUARTER - 1, zone):
            pytest.fail(f"{name}: a day begins within {datetime.fromtimestamp(start, UTC)}")


def test_a_half_hour_zone_changes_its_day_at_half_past() -> None:
    kolkata, kathmandu = ZoneInfo("Asia/Kolkata"), ZoneInfo("Asia/Kathmandu")
    assert day_at(seconds(datetime(2026, 1, 5, 18, 15, tzinfo=UTC)), kolkata) == date(2026, 1, 5)
    assert day_at(seconds(datetime(2026, 1, 5, 18, 30, tzinfo=UTC)), kolkata) == date(2026, 1, 6)
    assert day_at(seconds(datetime(2026, 1, 5, 18, 0, tzinfo=UTC)), kathmandu) == date(2026, 1, 5)
    assert day_at(seconds(datetime(2026, 1, 5, 18, 15, tzinfo=UTC)), kathmandu) == date(2026, 1, 6)


def test_the_day_that_samoa_left_out_is_none() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert not there_is(date(2011, 12, 30), apia)
    assert there_is(date(2011, 12, 30), ZoneInfo("Pacific/Auckland"))
    assert day_before(date(2011, 12, 31), apia) == date(2011, 12, 29)
    assert last_days(date(2012, 1, 1), 4, apia) == [
        date(2011, 12, 28),
        date(2011, 12, 29),
        date(2011, 12, 31),
        date(2012, 1, 1),
    ]


@pytest.mark.parametrize("name", ZONES)
def test_every_day_of_two_years_is_there_and_follows_the_one_before(name: str) -> None:
    zone = ZoneInfo(name)
    days = last_days(date(2026, 12, 31), 730, zone)
    assert days == [date(2025, 1, 1) + timedelta(n) for n in range(730)]


@pytest.mark.parametrize("name", ["Mars/Olympus_Mons", "", "..", "/etc/passwd", "a\x00b", "America", "\ud800"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone_of(name) is UTC


def test_a_week_goes_from_monday_to_sunday() -> None:
    for day in range(5, 12):
        assert week_of(date(2026, 1, day)) == (date(2026, 1, 5), date(2026, 1, 11))


TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("ago", "current", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([1], 1, 1),
        ([2], 0, 1),
        ([0, 1, 2], 3, 3),
        ([1, 2, 3], 3, 3),
        ([0, 2, 3, 4], 1, 3),
        ([2, 3, 4, 5], 0, 4),
        ([0, 1, 1, 0], 2, 2),
        ([0, 1, 5, 6, 7, 8], 2, 4),
    ],
)
def test_a_streak_ends_today_or_yesterday(ago: list[int], current: int, longest: int) -> None:
    days = [TODAY - timedelta(n) for n in ago]
    assert current_streak(days, today=TODAY, zone=ZoneInfo("America/New_York")) == current
    assert longest_streak(days, zone=ZoneInfo("America/New_York")) == longest


def test_a_streak_goes_on_over_a_day_that_never_was() -> None:
    days, apia = [date(2011, 12, 29), date(2011, 12, 31)], ZoneInfo("Pacific/Apia")
    assert current_streak(days, today=date(2011, 12, 31), zone=apia) == longest_streak(days, zone=apia) == 2
    assert longest_streak(days, zone=UTC) == 1


def test_a_day_that_has_not_come_yet_is_no_streak_of_today() -> None:
    assert current_streak([TODAY + timedelta(1)], today=TODAY, zone=UTC) == 0
