"""What a learner's days came to, in their own time zone, on rows as devices leave them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser, UserSettings
from courses.learning.stats import learning_stats
from courses.models import Content, Enrollment, Progress, ProgressSlot
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_course

pytestmark = pytest.mark.django_db
STATS = "/api/courses/progress/stats/"
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def enrollment(asha: CustomUser, bilal: CustomUser) -> Enrollment:
    return enroll(bilal, make_course(asha, contents=8))


def slot(enrollment: Enrollment, content: Content, starts_at: datetime, total: int) -> None:
    ProgressSlot.objects.create(enrollment=enrollment, content=content, starts_at=starts_at, time_spent=total)


def completed(enrollment: Enrollment, content: Content, at: datetime, time_spent: int = 0) -> None:
    Progress.objects.create(
        enrollment=enrollment, content=content, position_at=at, updated_at=at,
        is_completed=True, completed_at=at, time_spent=time_spent,
    )  # fmt: skip


def stats(learner: CustomUser, now: datetime = NOON, days: int = 7) -> dict[str, Any]:
    return learning_stats(learner, days=days, now=now)


def seconds_by_day(learner: CustomUser, now: datetime = NOON, days: int = 7) -> dict[str, int]:
    activity = stats(learner, now, days)["daily_activity"]
    return {row["date"]: row["time_spent"] for row in activity if row["time_spent"]}


def test_somebody_new_has_seven_empty_days(bilal: CustomUser, client_for: ClientFor) -> None:
    body = client_for(bilal).get(STATS).json()
    assert list(body) == [
        "current_streak", "longest_streak", "total_lessons_completed", "total_time_spent", "words_learned",
        "points_earned", "weekly_goal_progress", "daily_activity",
    ]  # fmt: skip
    assert len(body["daily_activity"]) == 7
    assert body["daily_activity"][0] == {
        "date": body["daily_activity"][0]["date"],
        "lessons_completed": 0,
        "time_spent": 0,
        "points_earned": 0,
    }
    dates = [date.fromisoformat(row["date"]) for row in body["daily_activity"]]
    assert dates == [dates[0] + timedelta(n) for n in range(7)]
    assert body["weekly_goal_progress"] == {"target": 7, "completed": 0, "percentage": 0.0}


def test_a_quarter_holds_its_total_less_the_greatest_before_it(bilal: CustomUser, enrollment: Enrollment) -> None:
    first, second, *_rest = contents_of(enrollment.course)
    for total, at in ((60, "09:00"), (200, "09:15"), (150, "23:45")):  # the last came late, from an older total
        slot(enrollment, first, datetime.fromisoformat(f"2026-03-09T{at}Z"), total)
    slot(enrollment, first, datetime(2026, 3, 10, 9, tzinfo=UTC), 500)
    slot(enrollment, second, datetime(2026, 3, 10, 9, tzinfo=UTC), 40)
    assert seconds_by_day(bilal) == {"2026-03-09": 200, "2026-03-10": 340}


def test_the_order_in_which_quarters_were_written_is_none_of_its_business(
    bilal: CustomUser, enrollment: Enrollment
) -> None:
    content = contents_of(enrollment.course)[0]
    for day, total in ((10, 500), (8, 100), (9, 300)):
        slot(enrollment, content, datetime(2026, 3, day, 9, tzinfo=UTC), total)
    assert seconds_by_day(bilal) == {"2026-03-08": 100, "2026-03-09": 200, "2026-03-10": 200}


def test_two_enrolments_and_two_learners_do_not_mix(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, enrollment: Enrollment
) -> None:
    other = enroll(bilal, make_course(asha, title="Numbers in Signs"))
    hers = enroll(chitra, enrollment.course)
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    slot(enrollment, contents_of(enrollment.course)[0], at, 100)
    slot(other, contents_of(other.course)[0], at, 30)
    slot(hers, contents_of(enrollment.course)[0], at, 7000)
    assert seconds_by_day(bilal) == {"2026-03-10": 130}


@pytest.mark.parametrize(
    ("zone", "starts_at", "day"),
    [
        ("UTC", "2026-03-10T23:45:00Z", "2026-03-10"),
        ("Asia/Kolkata", "2026-03-10T18:15:00Z", "2026-03-10"),
        ("Asia/Kolkata", "2026-03-10T18:30:00Z", "2026-03-11"),
        ("Asia/Kathmandu", "2026-03-10T18:00:00Z", "2026-03-10"),
        ("Asia/Kathmandu", "2026-03-10T18:15:00Z", "2026-03-11"),
        ("America/New_York", "2026-03-08T04:45:00Z", "2026-03-07"),  # the short day begins at five
        ("America/New_York", "2026-03-08T05:00:00Z", "2026-03-08"),
        ("America/New_York", "2026-03-09T03:45:00Z", "2026-03-08"),  # and ends at four
        ("America/New_York", "2026-03-09T04:00:00Z", "2026-03-09"),
        ("Pacific/Kiritimati", "2026-03-10T10:00:00Z", "2026-03-11"),
        ("Mars/Olympus_Mons", "2026-03-10T23:45:00Z", "2026-03-10"),
    ],
)
def test_the_learners_zone_says_which_day_it_was(
    zone: str, starts_at: str, day: str, bilal: CustomUser, enrollment: Enrollment
) -> None:
    bilal.timezone = zone
    at = datetime.fromisoformat(starts_at)
    slot(enrollment, contents_of(enrollment.course)[0], at, 60)
    completed(enrollment, contents_of(enrollment.course)[0], at)
    [active] = [row for row in stats(bilal, days=10)["daily_activity"] if row["time_spent"]]
    assert (active["date"], active["time_spent"], active["lessons_completed"]) == (day, 60, 1)


def test_a_long_day_holds_both_of_its_one_o_clocks(bilal: CustomUser, enrollment: Enrollment) -> None:
    bilal.timezone = "America/New_York"
    for number, at in enumerate(("04:00", "05:30", "06:30")):  # midnight, half past one, and half past one again
        slot(enrollment, contents_of(enrollment.course)[number], datetime.fromisoformat(f"2026-11-01T{at}Z"), 60)
    slot(enrollment, contents_of(enrollment.course)[4], datetime.fromisoformat("2026-11-02T04:45:00Z"), 60)
    slot(enrollment, contents_of(enrollment.course)[5], datetime.fromisoformat("2026-11-02T05:00:00Z"), 60)
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert seconds_by_day(bilal, now) == {"2026-11-01": 240, "2026-11-02": 60}


def test_streaks_cross_the_change_of_the_clocks(bilal: CustomUser, enrollment: Enrollment) -> None:
    bilal.timezone = "America/New_York"
    # Late each evening: by UTC two of these fall on one date where the clocks go forward.
    evenings = [datetime(2026, 3, day, 23, 45) for day in (6, 7, 8, 9)]  # noqa: DTZ001
    for number, evening in enumerate(evenings):
        at = evening + timedelta(hours=5 if evening.day < 8 else 4)
        completed(enrollment, contents_of(enrollment.course)[number], at.replace(tzinfo=UTC))
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert (stats(bilal, now)["current_streak"], stats(bilal, now)["longest_streak"]) == (4, 4)
    later = now + timedelta(days=1)
    assert (stats(bilal, later)["current_streak"], stats(bilal, later)["longest_streak"]) == (0, 4)


def test_a_day_with_time_and_without_a_lesson_is_active_too(bilal: CustomUser, enrollment: Enrollment) -> None:
    first, second, *_rest = contents_of(enrollment.course)
    slot(enrollment, first, datetime(2026, 3, 10, 9, tzinfo=UTC), 60)
    completed(enrollment, second, datetime(2026, 3, 11, 9, tzinfo=UTC))
    slot(enrollment, second, datetime(2026, 3, 9, 9, tzinfo=UTC), 0)  # opened, and closed at once
    assert stats(bilal)["current_streak"] == 2


def test_the_week_begins_on_monday_in_the_learners_zone(bilal: CustomUser, enrollment: Enrollment) -> None:
    bilal.timezone = "Asia/Kolkata"
    UserSettings.objects.filter(user=bilal).update(daily_goal=1)
    contents = iter(contents_of(enrollment.course))
    for at in ("2026-03-08T18:15:00Z", "2026-03-08T18:30:00Z", "2026-03-11T09:00:00Z"):
        completed(enrollment, next(contents), datetime.fromisoformat(at))
    week = stats(bilal)["weekly_goal_progress"]
    assert week == {"target": 7, "completed": 2, "percentage": 28.6}


@pytest.mark.parametrize(("goal", "expected"), [(0, (0, 0.0)), (1, (7, 100.0)), (2, (14, 57.1))])
def test_the_goal_is_capped_at_a_hundred(
    goal: int, expected: tuple[int, float], bilal: CustomUser, enrollment: Enrollment
) -> None:
    UserSettings.objects.filter(user=bilal).update(daily_goal=goal)
    for content in contents_of(enrollment.course):
        completed(enrollment, content, NOON)
    week = stats(CustomUser.objects.get(pk=bilal.pk))["weekly_goal_progress"]
    assert week["completed"] == 8
    assert (week["target"], week["percentage"]) == expected


def test_totals_are_those_of_the_contents(bilal: CustomUser, enrollment: Enrollment) -> None:
    bilal.total_points = 120
    first, second, *_rest = contents_of(enrollment.course)
    completed(enrollment, first, NOON, time_spent=90)
    Progress.objects.create(enrollment=enrollment, content=second, position_at=NOON, updated_at=NOON, time_spent=11)
    body = stats(bilal)
    assert (body["total_time_spent"], body["total_lessons_completed"], body["points_earned"]) == (101, 1, 120)
    assert body["words_learned"] == 0


@pytest.mark.parametrize(
    ("days", "status"),
    [("1", 200), ("366", 200), ("0", 400), ("367", 400), ("-1", 400), ("x", 400), ("9" * 5000, 400), ("7\x00", 400)],
)
def test_days_are_between_one_and_a_year(days: str, status: int, bilal: CustomUser, client_for: ClientFor) -> None:
    answer = client_for(bilal).get(STATS, {"days": days})
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["daily_activity"]) == int(days)


def test_what_was_learnt_now_is_today(bilal: CustomUser, enrollment: Enrollment, client_for: ClientFor) -> None:
    now = timezone.now()
    completed(enrollment, contents_of(enrollment.course)[0], now)
    CustomUser.objects.filter(pk=bilal.pk).update(timezone="Not/A_Zone")
    body = client_for(bilal).get(STATS).json()
    shown = {row["date"]: row["lessons_completed"] for row in body["daily_activity"]}
    assert shown.get(now.date().isoformat()) == 1
    assert body["current_streak"] == 1


def many_slots(enrollment: Enrollment, number: int) -> None:
    """A learner's years: an hour a day, quarter after quarter."""
    contents, totals = contents_of(enrollment.course), dict[int, int]()
    start = NOON - timedelta(days=number // 4 + 1)
    rows = []
    for day in range(number // 4):
        content = contents[day % len(contents)]
        for quarter in range(4):
            totals[content.pk] = totals.get(content.pk, 0) + 600
            at = start + timedelta(days=day, minutes=15 * quarter)
            rows.append(
                ProgressSlot(enrollment=enrollment, content=content, starts_at=at, time_spent=totals[content.pk])
            )
    ProgressSlot.objects.bulk_create(rows, batch_size=500)


@pytest.mark.parametrize("number", [4, 8000])
def test_the_stats_take_four_statements_however_long_somebody_has_learnt(
    number: int, bilal: CustomUser, enrollment: Enrollment, client_for: ClientFor
) -> None:
    many_slots(enrollment, number)
    for content in contents_of(enrollment.course):
        completed(enrollment, content, NOON)
    client = client_for(bilal)
    with CaptureQueriesContext(connection) as statements:
        assert client.get(STATS, {"days": 366}).status_code == 200
    assert len(statements) == 4
    body = stats(bilal, now=NOON, days=366)
    assert body["longest_streak"] >= number // 4
    assert sum(row["time_spent"] for row in body["daily_activity"]) == 2400 * min(number // 4, 364)


def test_without_a_token_it_is_401(anonymous: Any) -> None:
    assert anonymous.get(STATS).status_code == 401
