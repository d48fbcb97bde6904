"""What progress should come to, worked out the plain way: from all updates at once, second by second."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from courses.events import ContentCompleted, CourseCompleted
from courses.learning.folding import ProgressUpdate
from courses.models import Content, Enrollment, Progress, ProgressSlot

Rows = dict[Any, Any]


@dataclass(frozen=True)
class End:
    """Where everything ended, without the ids of rows and the time of writing."""

    progress: Rows
    slots: Rows
    enrollments: Rows


def end_in_the_database() -> End:
    fields = ("time_spent", "last_position", "position_at", "watched", "is_completed", "completed_at")
    return End(
        {row[0]: row[1:] for row in Progress.objects.values_list("content_id", *fields)},
        {
            (content_id, starts_at): rest
            for content_id, starts_at, *rest in ProgressSlot.objects.values_list(
                "content_id", "starts_at", "time_spent", "watched"
            )
        },
        {
            row[0]: row[1:]
            for row in Enrollment.objects.values_list("pk", "completed_count", "latest_completion_at", "completed_at")
        },
    )


def end_by_hand(
    enrollments: Mapping[Enrollment, Collection[Content]],
    updates: Collection[ProgressUpdate],
    passes: Iterable[tuple[int, datetime]] = (),
) -> End:
    """Return where ``updates`` and ``passes`` (of quizzes: content and time) must lead, whatever their order."""
    end, passed = End({}, {}, {}), list(passes)
    for enrollment, contents in enrollments.items():
        for content in contents:
            told = [update for update in updates if update.content_id == content.pk]
            times = [at for content_id, at in passed if content_id == content.pk]
            if told or times:
                end.progress[content.pk] = _row(content, enrollment, told, times)
            for start in {_quarter(update.at) for update in told}:
                those = [update for update in told if _quarter(update.at) == start]
                end.slots[content.pk, start] = [max(u.time_spent for u in those), _pieces(_seconds(those))]
        done = [end.progress[c.pk][5] for c in contents if c.pk in end.progress and end.progress[c.pk][4]]
        latest = max(done, default=None)
        end.enrollments[enrollment.pk] = (len(done), latest, latest if len(done) == len(contents) else None)
    return end


def told_by_hand(end: End, enrollments: Mapping[Enrollment, Collection[Content]]) -> Counter[Any]:
    """Return what must have been announced, each once."""
    told: Counter[Any] = Counter()
    for enrollment, contents in enrollments.items():
        told.update(
            (ContentCompleted, enrollment.pk, c.pk) for c in contents if c.pk in end.progress and end.progress[c.pk][4]
        )
        if end.enrollments[enrollment.pk][2] is not None:
            told[CourseCompleted, enrollment.pk, enrollment.course_id] += 1
    return told


def told_in_the_platform(events: Iterable[Any]) -> Counter[Any]:
    return Counter(
        (type(event), event.enrollment_id, getattr(event, "content_id", None) or event.course_id) for event in events
    )


def _row(
    content: Content, enrollment: Enrollment, told: list[ProgressUpdate], times: list[datetime]
) -> tuple[Any, ...]:
    positions = [(update.at, update.last_position) for update in told] + [(at, 0) for at in times]
    completions = (
        times + [update.at for update in told if _alone(content, update)] + _reached(content, enrollment, told)
    )
    position_at, last_position = max(positions)
    return (
        max((update.time_spent for update in told), default=0),
        last_position,
        position_at,
        _pieces(_seconds(told)),
        bool(completions),
        min(completions, default=None),
    )


def _alone(content: Content, update: ProgressUpdate) -> bool:
    if content.content_type == "quiz":
        return False
    if content.content_type != "video" or not content.video_duration:
        return update.is_completed
    enough = update.last_position > 0.9 * content.video_duration and update.time_spent >= 0.45 * content.video_duration
    return update.watched is None and enough


def _reached(content: Content, enrollment: Enrollment, told: list[ProgressUpdate]) -> list[datetime]:
    if content.content_type != "video" or not content.video_duration:
        return []
    for start in sorted({_quarter(update.at) for update in told}):
        seen = _seconds([update for update in told if _quarter(update.at) <= start])
        if len([second for second in seen if second < content.video_duration]) >= 0.9 * content.video_duration:
            begins_within = start <= enrollment.enrollment_date < start + timedelta(minutes=15)
            return [enrollment.enrollment_date if begins_within else start]
    return []


def _quarter(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


def _seconds(told: Iterable[ProgressUpdate]) -> set[int]:
    return {second for update in told for start, end in update.watched or () for second in range(start, end)}


def _pieces(seconds: set[int]) -> list[list[int]]:
    starts = sorted(second for second in seconds if second - 1 not in seconds)
    ends = sorted(second + 1 for second in seconds if second + 1 not in seconds)
    return [list(piece) for piece in zip(starts, ends, strict=True)]
