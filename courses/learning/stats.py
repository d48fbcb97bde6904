"""What a learner's days came to: streaks, totals, the week's goal, day by day in the learner's own time zone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from django.db import connection
from rest_framework import serializers

from accounts.api import User
from courses.learning.completion import percent_of
from courses.learning.days import current_streak, day_at, last_days, longest_streak, week_of, zone_of
from courses.learning.models import Progress

MOST_DAYS = 366

# A quarter's own seconds are its running total less the greatest one before it: devices that were offline
# report late, and a lower total than an earlier one adds nothing. The quarters of all contents come together
# here, so that what crosses the wire is bounded by the hours somebody learnt.
_QUARTERS = """
    SELECT begins, sum(gained) FROM (
        SELECT {seconds} AS begins,
               s.time_spent - coalesce(max(s.time_spent) OVER (
                   PARTITION BY s.enrollment_id, s.content_id ORDER BY s.starts_at
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
               ), 0) AS gained
        FROM courses_progressslot s JOIN courses_enrollment e ON e.id = s.enrollment_id
        WHERE e.user_id = %s
    ) AS quarters WHERE gained > 0 GROUP BY begins
"""
_SECONDS_LEARNT = {
    "postgresql": _QUARTERS.format(seconds="extract(epoch FROM s.starts_at)::bigint"),
    "sqlite": _QUARTERS.format(seconds="CAST(strftime('%%s', s.starts_at) AS integer)"),
}


class StatsQuerySerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(
        required=False, default=7, min_value=1, max_value=MOST_DAYS, help_text="Days of daily_activity, up to today."
    )


class WeeklyGoalSerializer(serializers.Serializer[Any]):
    """Lessons from Monday to Sunday against seven times the day's goal."""

    target = serializers.IntegerField()
    completed = serializers.IntegerField()
    percentage = serializers.FloatField()


class DayActivitySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    lessons_completed = serializers.IntegerField()
    time_spent = serializers.IntegerField()
    points_earned = serializers.IntegerField()


class StatsSerializer(serializers.Serializer[Any]):
    """What ``learning_stats`` returns, for the schema. Days are the learner's own, the oldest first."""

    current_streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    total_lessons_completed = serializers.IntegerField()
    total_time_spent = serializers.IntegerField()
    words_learned = serializers.IntegerField()
    points_earned = serializers.IntegerField()
    weekly_goal_progress = WeeklyGoalSerializer()
    daily_activity = DayActivitySerializer(many=True)


@dataclass(slots=True)
class _Day:
    lessons: int = 0
    seconds: int = 0


@dataclass(slots=True)
class _Learnt:
    """Everything a learner did, by day."""

    seconds_in_all: int = 0
    lessons_in_all: int = 0
    days: dict[date, _Day] = field(default_factory=lambda: defaultdict(_Day))

    def lessons_between(self, first: date, last: date) -> int:
        return sum(done.lessons for day, done in self.days.items() if first <= day <= last)


def learning_stats(learner: User, *, days: int, now: datetime) -> dict[str, Any]:
    """Return the contract's ``progress/stats/`` with the last ``days`` days, oldest first, in three statements.

    A day is active when a lesson was completed or some time was spent on it. ``total_time_spent`` is the
    sum of what contents hold; the week runs from Monday to Sunday, and its goal is seven times the day's.
    ``words_learned`` and a day's ``points_earned`` are 0: nothing in the platform counts them yet.
    """
    zone = zone_of(learner.timezone)
    learnt = _learnt_by(learner, zone)
    today = now.astimezone(zone).date()
    return {
        "current_streak": current_streak(learnt.days, today=today, zone=zone),
        "longest_streak": longest_streak(learnt.days, zone=zone),
        "total_lessons_completed": learnt.lessons_in_all,
        "total_time_spent": learnt.seconds_in_all,
        "words_learned": 0,
        "points_earned": learner.total_points,
        "weekly_goal_progress": _week(learnt, today, goal=learner.daily_goal),
        "daily_activity": [_shown(day, learnt.days.get(day, _Day())) for day in last_days(today, days, zone)],
    }


def _learnt_by(learner: User, zone: tzinfo) -> _Learnt:
    learnt = _Learnt()
    for begins, seconds in _quarters_of(learner):
        learnt.days[day_at(begins, zone)].seconds += int(seconds)
    contents = Progress.objects.filter(enrollment__user=learner).order_by()
    for time_spent, completed_at in contents.values_list("time_spent", "completed_at"):
        learnt.seconds_in_all += time_spent
        if completed_at is not None:
            learnt.lessons_in_all += 1
            learnt.days[completed_at.astimezone(zone).date()].lessons += 1
    return learnt


def _quarters_of(learner: User) -> Iterable[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SECONDS_LEARNT[connection.vendor], [learner.pk])
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows


def _week(learnt: _Learnt, today: date, *, goal: int) -> dict[str, Any]:
    target, completed = 7 * goal, learnt.lessons_between(*week_of(today))
    return {"target": target, "completed": completed, "percentage": percent_of(completed, target)}


def _shown(day: date, done: _Day) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "lessons_completed": done.lessons,
        "time_spent": done.seconds,
        "points_earned": 0,
    }
