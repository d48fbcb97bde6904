"""What follows from events, by example and by property."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.folding import Standing, fold
from attendance.models import AttendanceEvent, LiveSession

NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """Return the time so many minutes after nine."""
    return NINE + minutes * MINUTE


def class_at_nine(**fields: Any) -> LiveSession:
    """Return a class from nine to ten, with the default times, that no database knows."""
    times = {"check_in_opens": at(-15), "late_after": at(10), "check_in_closes": at(30), "ends_at": at(60)}
    return LiveSession(starts_at=NINE, **(times | fields))


def noted(number: int, kind: str, minute: float, **fields: Any) -> AttendanceEvent:
    """Return the event that was noted as the ``number``-th, of what happened in ``minute``."""
    return AttendanceEvent(pk=number, kind=kind, at=at(minute), recorded_at=at(number), **fields)


def says(standing: Standing) -> tuple[str, str, int]:
    return standing.status, standing.reason, standing.minutes


def of(*events: AttendanceEvent, **fields: Any) -> tuple[str, str, int]:
    return says(fold(class_at_nine(**fields), events))


def test_nothing_was_noted() -> None:
    assert fold(class_at_nine(), []) == Standing()


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (-15, ("present", "on_time", 60)),
        (0, ("present", "on_time", 60)),
        (10, ("present", "on_time", 50)),
        (10 + 1 / 60, ("late", "came_late", 49)),
        (29, ("late", "came_late", 31)),
    ],
)
def test_the_first_moment_decides_and_whom_nobody_saw_leave_stayed(minute: float, expected: Any) -> None:
    assert of(noted(1, "check_in", minute)) == expected


def test_who_leaves_and_comes_again_was_there_for_both_times() -> None:
    events = [noted(1, "check_in", 0), noted(2, "leave", 20), noted(3, "join", 40)]
    standing = fold(class_at_nine(), events)

    assert says(standing) == ("present", "on_time", 40)
    assert (standing.first_in_at, standing.last_out_at) == (at(0), None)  # and nobody saw the second leaving


def test_a_leaving_is_told_once_it_was_seen() -> None:
    assert fold(class_at_nine(), [noted(1, "check_in", 5), noted(2, "leave", 50)]).last_out_at == at(50)


def test_leaving_without_having_come_says_nothing() -> None:
    assert of(noted(1, "leave", 20)) == ("", "", 0)


def test_who_left_before_it_began_was_not_there() -> None:
    assert of(noted(1, "check_in", -10), noted(2, "leave", -5)) == ("", "", 0)
    assert of(noted(1, "check_in", -10), noted(2, "leave", -5), noted(3, "join", 20)) == ("late", "came_late", 40)


def test_an_export_measures_whom_nobody_saw_leave() -> None:
    events = [noted(1, "check_in", 5), noted(2, "import", 15, until=at(35))]
    standing = fold(class_at_nine(), events)

    assert says(standing) == ("present", "on_time", 20)  # they came at five past, and were on the line for twenty
    assert standing.last_out_at == at(35)


def test_two_exports_of_one_meeting_count_once() -> None:
    events = [noted(1, "import", 0, until=at(30)), noted(2, "import", 10, until=at(40))]
    assert of(*events) == ("present", "on_time", 40)


def test_what_an_export_has_of_other_classes_in_the_same_room_says_nothing() -> None:
    before, after = noted(1, "import", -120, until=at(-60)), noted(2, "import", 61, until=at(120))

    assert of(before, after) == ("", "", 0)
    assert of(before, noted(3, "import", 20, until=at(60))) == ("late", "came_late", 40)
    assert of(before, noted(3, "check_in", 0)) == ("present", "on_time", 60)


def test_a_check_in_counts_also_where_the_window_is_longer_than_the_class() -> None:
    assert of(noted(1, "check_in", 25), ends_at=at(20)) == ("late", "came_late", 0)


@pytest.mark.parametrize(
    ("asked", "left_after", "status"),
    [
        ({"minimum_minutes": 30}, 29.9, "absent"),
        ({"minimum_minutes": 30}, 30, "present"),
        ({"minimum_percent": 75}, 44.9, "absent"),
        ({"minimum_percent": 75}, 45, "present"),
        ({"minimum_percent": 75, "minimum_minutes": 50}, 46, "absent"),
        ({"minimum_percent": 1}, 0.59, "absent"),
        ({"minimum_percent": 1}, 0.6, "present"),
    ],
)
def test_who_was_there_for_too_short_is_absent(asked: dict[str, int], left_after: float, status: str) -> None:
    assert of(noted(1, "check_in", 0), noted(2, "leave", left_after), **asked)[0] == status


def test_an_excuse_excuses_an_absence_and_no_presence() -> None:
    excuse = noted(5, "excuse", 0)

    assert of(excuse)[:2] == ("excused", "excused")
    assert of(noted(1, "auto", 120, status="absent"), excuse)[:2] == ("excused", "excused")
    assert of(noted(1, "check_in", 0), noted(2, "leave", 5), excuse, minimum_minutes=30)[:2] == ("excused", "excused")
    assert of(noted(1, "check_in", 15), excuse)[:2] == ("late", "came_late")
    assert of(excuse, noted(6, "check_in", 0))[:2] == ("present", "on_time")


def test_absence_noted_by_the_platform_gives_way_to_whatever_was_seen() -> None:
    absent = noted(1, "auto", 120, status="absent")

    assert of(absent)[:2] == ("absent", "not_there")
    assert of(absent, noted(2, "import", 0, until=at(60)))[:2] == ("present", "on_time")
    assert of(absent, noted(2, "check_in", 0), noted(3, "leave", 1), minimum_minutes=5)[:2] == ("absent", "too_short")


def test_completing_the_content_is_being_there() -> None:
    completed = noted(1, "auto", -300, status="present")

    assert of(completed) == ("present", "content_completed", 0)
    assert of(completed, noted(2, "auto", 120, status="absent"), noted(3, "excuse", 0))[0] == "present"
    assert of(completed, noted(2, "check_in", 20))[:2] == ("present", "content_completed")


def test_the_latest_mark_decides_until_it_is_taken_back() -> None:
    came = noted(1, "check_in", 20)
    first, second = noted(2, "manual", 30, status="absent", note="Left"), noted(3, "manual", 31, status="excused")

    assert of(came, first, second) == ("excused", "by_hand", 40)
    assert of(came, first, second, noted(4, "manual", 32))[:2] == ("late", "came_late")
    assert of(first, noted(4, "manual", 32)) == ("", "", 0)


def test_the_note_is_that_of_the_latest_mark() -> None:
    events = [noted(1, "manual", 1, note="Ill"), noted(2, "manual", 2, status="absent", note="Really ill")]
    assert fold(class_at_nine(), events).note == "Really ill"


def test_of_marks_noted_at_one_moment_the_later_row_is_the_latest() -> None:
    marks = [noted(1, "manual", 5, status="present"), noted(2, "manual", 5, status="absent")]
    marks[1].recorded_at = marks[0].recorded_at
    assert of(*marks[::-1])[0] == "absent"


def test_what_was_refused_is_shown_and_counts_for_nothing() -> None:
    standing = fold(class_at_nine(), [noted(1, "check_in", 0, refusal="too_far")])
    assert (standing.status, standing.flags, standing.version) == ("", ("too_far",), 1)


def test_a_check_in_by_the_clock_of_the_device_is_shown() -> None:
    assert fold(class_at_nine(), [noted(20, "check_in", 3, client_time=at(3))]).flags == ("offline",)
    assert fold(class_at_nine(), [noted(3, "check_in", 3, client_time=at(2.9))]).flags == ()


def test_other_times_of_the_session_fold_to_something_else() -> None:
    came = noted(1, "check_in", 12)

    assert of(came)[:2] == ("late", "came_late")
    assert of(came, late_after=at(15))[:2] == ("present", "on_time")
    assert of(came, ends_at=at(40)) == ("late", "came_late", 28)


# --- whatever was noted -------------------------------------------------------------------------

# Every moment is another: of two things at one moment it would be the order of arrival that tells which came first.
sessions = st.builds(
    class_at_nine,
    minimum_minutes=st.none() | st.integers(0, 60),
    minimum_percent=st.none() | st.integers(0, 100),
    late_after=st.integers(-10, 30).map(at),
    ends_at=st.integers(1, 90).map(at),
)
kinds = st.sampled_from(["check_in", "join", "leave", "import", "manual", "auto", "excuse"])
statuses = {"manual": ["", "present", "late", "absent", "excused"], "auto": ["present", "absent"]}


@st.composite
def events_of_one(draw: st.DrawFn) -> list[AttendanceEvent]:
    seconds = draw(st.lists(st.integers(-1800, 7200), unique=True, max_size=10))
    events = []
    for number, second in enumerate(seconds, start=1):
        kind = draw(kinds)
        fields: dict[str, Any] = {"status": draw(st.sampled_from(statuses.get(kind, [""])))}
        if kind == "import":
            fields["until"] = NINE + (second + draw(st.integers(0, 3600))) * SECOND
        if kind == "check_in":
            fields["refusal"] = draw(st.sampled_from(["", "", "too_far"]))
        events.append(noted(number, kind, second / 60, **fields))
    return events


@given(sessions, events_of_one(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_read_changes_nothing(session: LiveSession, events: Any, random: Any) -> None:
    expected = fold(session, events)
    random.shuffle(events)
    assert fold(session, events) == expected


@given(sessions, events_of_one(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_changes_nothing_but_which_mark_is_the_latest(
    session: LiveSession, events: Any, random: Any
) -> None:
    events = [event for event in events if event.kind != "manual"]
    expected = fold(session, events)
    random.shuffle(events)
    for number, event in enumerate(events, start=1):
        event.pk, event.recorded_at = number, at(number)
    assert fold(session, events) == expected


@given(sessions, events_of_one())
def test_minutes_are_those_of_the_session_in_which_they_were_seen(session: LiveSession, events: Any) -> None:
    assert fold(session, events).minutes == seconds_seen(session, events) // 60


def seconds_seen(session: LiveSession, events: list[AttendanceEvent]) -> int:
    """Return for how many seconds of the session somebody was there: each second is asked on its own."""
    in_time_order = sorted((event for event in events if not event.refusal), key=lambda event: event.at)
    lines = [event for event in in_time_order if event.kind == "import"]
    over = max(session.ends_at, session.check_in_closes)
    lines = [line for line in lines if line.until is not None and line.until >= NINE and line.at < over]
    length = int((session.ends_at - NINE).total_seconds())
    return sum(
        any(line.at <= now < line.until for line in lines)  # type: ignore[operator]  # set above
        or is_inside(in_time_order, now, is_measured=bool(lines))
        for now in (NINE + second * SECOND for second in range(length))
    )


def is_inside(in_time_order: list[AttendanceEvent], now: datetime, *, is_measured: bool) -> bool:
    moves = [event for event in in_time_order if event.kind in ("check_in", "join", "leave")]
    before = [event for event in moves if event.at <= now]
    is_seen_leaving = any(event.kind == "leave" and event.at > now for event in moves)
    return bool(before) and before[-1].kind != "leave" and (is_seen_leaving or not is_measured)


@given(sessions, events_of_one(), st.integers(-1800, 7200), st.sampled_from(["too_far", "device_in_use"]))
def test_what_is_refused_never_changes_what_the_register_says(
    session: LiveSession, events: Any, second: int, refusal: str
) -> None:
    before = fold(session, events)
    after = fold(session, [*events, noted(99, "check_in", second / 60, refusal=refusal)])

    assert (after.status, after.reason, after.minutes, after.note) == (
        before.status, before.reason, before.minutes, before.note,
    )  # fmt: skip
    assert refusal in after.flags
    assert after.version == before.version + 1


@given(sessions, events_of_one())
def test_nobody_was_there_for_longer_than_the_session(session: LiveSession, events: Any) -> None:
    minutes = fold(session, events).minutes
    assert minutes >= 0
    assert minutes * MINUTE <= session.ends_at - session.starts_at
