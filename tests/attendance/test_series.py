"""Sessions that recur: made by a rule, changed and cancelled from one on, and made anew where the rule has no end.

After everything that is done to a series, its rule, its beginning and its exceptions describe exactly those of its
sessions that nobody changed: ``assert_told_truly``.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.events import ClassCancelled, ClassMoved
from attendance.models import LiveSession, SessionSeries
from attendance.recurrence import recurrence_of
from attendance.services.keeping import keep_events
from attendance.services.planning import change_session, plan_session
from attendance.services.recurring import extend_series
from courses.models import Course
from e_learning.core import events
from e_learning.core.api.errors import ApiError
from tests.attendance.test_sessions import SESSIONS, address, body, first_error, written
from tests.factories.classes import event, make_session
from tests.factories.courses import contents_of

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)


def next_monday() -> datetime:
    """Return nine o'clock in Berlin on a Monday next week or after it."""
    day = timezone.now().astimezone(BERLIN) + timedelta(days=8)
    return (day + timedelta(days=-day.weekday() % 7)).replace(hour=9, minute=0, second=0, microsecond=0)


START = next_monday()


def clock(at: datetime, days: int = 0, hours: int = 0) -> datetime:
    """Return so many days and hours later on the clock of Berlin."""
    return (at.astimezone(BERLIN).replace(tzinfo=None) + timedelta(days=days, hours=hours)).replace(tzinfo=BERLIN)


def planned(asha: CustomUser, course: Course, rule: str, start: datetime = START, **values: Any) -> list[LiveSession]:
    """Return the sessions of a new series."""
    said = {"title": "Spelling", "mode": "online", "starts_at": start, "ends_at": start + timedelta(hours=1)}
    said |= {"recurrence": rule, "timezone": "Europe/Berlin"} | values
    first = plan_session(owner=asha, course_id=course.pk, values=said)
    return list(LiveSession.objects.filter(series=first.series).order_by("starts_at"))


def rows(**asked: Any) -> list[LiveSession]:
    return list(LiveSession.objects.filter(**asked).order_by("starts_at", "pk"))


def starts(sessions: list[LiveSession]) -> list[str]:
    return [f"{one.starts_at.astimezone(BERLIN):%a %H:%M}" for one in sessions]


def assert_told_truly() -> None:
    for series in SessionSeries.objects.all():
        recurrence = recurrence_of(series.rrule, series.starts_at, ZoneInfo(series.timezone))
        told = set(recurrence.times(series.expanded_until))
        left_out = {datetime.fromisoformat(text) for text in series.exceptions}
        theirs = rows(series=series)
        assert left_out <= told
        assert {one.recurs_at for one in theirs} == told - left_out
        for one in theirs:
            assert one.is_changed or not one.is_standing or one.starts_at == one.recurs_at
    assert not LiveSession.objects.filter(series=None, recurs_at__isnull=False).exists()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = []
    for kind in (ClassMoved, ClassCancelled):
        monkeypatch.setitem(events._listeners, kind, [heard.append])
    return heard


# --- made -----------------------------------------------------------------------------------------------------------


def test_a_rule_makes_a_row_for_each_day(ashas: APIClient, course: Course) -> None:
    left_out = clock(START, days=7)
    answer = ashas.post(
        SESSIONS,
        body(
            course,
            starts_at=written(START),
            ends_at=written(START + timedelta(hours=1)),
            check_in_opens=written(START - timedelta(minutes=5)),
            recurrence="RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6",
            exceptions=[written(left_out)],
            timezone="Europe/Berlin",
        ),
    )

    assert answer.status_code == 201, answer.content
    first = answer.json()
    assert (first["recurrence"], first["exceptions"]) == ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6", [written(left_out)])
    assert (first["timezone"], first["is_changed"], first["starts_at"]) == ("Europe/Berlin", False, written(START))
    made = rows()
    assert [one.starts_at for one in made] == [clock(START, days=days) for days in (0, 2, 9, 14, 16)]
    assert {one.series_id for one in made} == {first["series_id"]}
    assert {one.starts_at - one.check_in_opens for one in made} == {timedelta(minutes=5)}
    assert {one.absent_at - one.ends_at for one in made if one.absent_at} == {timedelta(hours=1)}
    assert_told_truly()


def test_without_a_zone_it_recurs_by_the_clock_of_the_course(
    ashas: APIClient, asha: CustomUser, course: Course
) -> None:
    asha.timezone = "America/New_York"
    asha.save(update_fields=["timezone"])

    begins, ends = written(START), written(START + timedelta(hours=1))
    said = body(course, starts_at=begins, ends_at=ends, recurrence="FREQ=WEEKLY;COUNT=53")
    answer = ashas.post(SESSIONS, said).json()
    assert answer["timezone"] == "America/New_York"
    shown = {f"{one.starts_at.astimezone(ZoneInfo('America/New_York')):%H:%M}" for one in rows()}
    assert len(shown) == 1


def test_the_next_begins_after_the_last_has_ended(ashas: APIClient, course: Course) -> None:
    answer = ashas.post(SESSIONS, body(course, recurrence="FREQ=DAILY;COUNT=2"))
    assert answer.status_code == 201
    long = body(course, starts_at=written(START), ends_at=written(START + timedelta(hours=24)))
    assert ashas.post(SESSIONS, long | {"recurrence": "FREQ=DAILY;COUNT=2"}).status_code == 201
    with pytest.raises(ApiError) as refusal:
        change_session(
            owner=course.instructor,
            session_id=rows(starts_at=START)[0].pk,
            values={"starts_at": clock(START, hours=-1), "ends_at": clock(START, hours=24)},
            scope="following",
        )
    assert (refusal.value.code, refusal.value.attr) == ("bad_times", "ends_at")


def test_what_it_costs_to_plan_a_year(
    ashas: APIClient, course: Course, on_postgresql: bool, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(13 if on_postgresql else 40):
        answer = ashas.post(SESSIONS, body(course, recurrence="FREQ=DAILY"))
    assert answer.status_code == 201
    assert len(rows()) == 365


# --- without an end -------------------------------------------------------------------------------------------------


def test_a_rule_without_an_end_goes_on(asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY")
    assert len(made) in (52, 53)
    last = made[-1]
    change_session(owner=asha, session_id=last.pk, values={"title": "The feast"})
    half_a_year_on = timezone.now() + timedelta(days=200)

    assert extend_series() == 0
    assert 26 <= extend_series(now=half_a_year_on) <= 28  # 200 days, less the 8 to 14 until it begins
    assert extend_series(now=half_a_year_on) == 0
    later = rows(starts_at__gt=last.starts_at)
    assert {one.title for one in later} == {"Spelling"}
    assert set(starts(later)) == {"Mon 09:00"}
    assert_told_truly()


def test_what_was_made_already_is_not_made_twice(asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY")
    series = SessionSeries.objects.get()
    series.expanded_until = made[-5].starts_at
    series.save()
    kept = {one.pk for one in made}

    extend_series(now=timezone.now() + timedelta(days=200))
    assert kept < {one.pk for one in rows()}
    assert_told_truly()


def test_it_goes_on_neither_past_its_end_nor_in_an_archived_course(asha: CustomUser, course: Course) -> None:
    planned(asha, course, "FREQ=WEEKLY;COUNT=10")
    planned(asha, course, "FREQ=WEEKLY;UNTIL=20301231")
    in_two_years = timezone.now() + timedelta(days=730)
    before = len(rows())

    assert extend_series(now=in_two_years) == 0
    planned(asha, course, "FREQ=WEEKLY")
    Course.objects.update(archived_at=timezone.now())
    assert extend_series(now=in_two_years) == 0
    assert len(rows()) - before in (52, 53)


def test_one_series_that_fails_does_not_stop_the_others(asha: CustomUser, course: Course) -> None:
    planned(asha, course, "FREQ=WEEKLY")
    SessionSeries.objects.update(timezone="Mars/Base")
    planned(asha, course, "FREQ=WEEKLY")

    assert extend_series(now=timezone.now() + timedelta(days=200)) > 20


# --- one of them ----------------------------------------------------------------------------------------------------


def test_one_that_moves_differs_from_its_series(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=4")

    moved = ashas.patch(address(made[1]), {"starts_at": written(clock(made[1].starts_at, days=1))}).json()
    assert moved["is_changed"]
    assert starts(rows()) == ["Mon 09:00", "Tue 09:00", "Mon 09:00", "Mon 09:00"]
    assert_told_truly()


def test_another_rule_is_not_for_one_alone(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=4")

    answer = ashas.patch(address(made[1]), {"recurrence": "FREQ=DAILY;COUNT=2"})
    assert first_error(answer) == (400, "bad_recurrence", "recurrence")
    answer = ashas.patch(f"{address(made[1])}?scope=following", {"exceptions": [written(START)]})
    assert first_error(answer) == (400, "bad_recurrence", "exceptions")
    assert ashas.patch(f"{address(made[1])}?scope=all", {}).status_code == 400


# --- one and all that follow ----------------------------------------------------------------------------------------


def test_all_that_follow_move_by_the_same_clock_time(
    ashas: APIClient, asha: CustomUser, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;BYDAY=MO;COUNT=53")
    third = made[2]
    to = clock(third.starts_at, days=1, hours=2)
    with django_capture_on_commit_callbacks(execute=True):
        answer = ashas.patch(
            f"{address(third)}?scope=following", {"starts_at": written(to), "title": "Numbers", "mode": "hybrid"}
        )

    assert answer.status_code == 200, answer.content
    assert answer.json()["recurrence"].startswith("FREQ=WEEKLY;BYDAY=TU;WKST=TU;UNTIL=")
    after = [LiveSession.objects.get(pk=one.pk) for one in made]
    # Across both changes of the clock.
    assert starts(after) == ["Mon 09:00"] * 2 + ["Tue 11:00"] * 51
    assert {(one.title, one.mode) for one in after[:2]} == {("Spelling", "online")}
    assert {(one.title, one.mode, one.is_changed) for one in after[2:]} == {("Numbers", "hybrid", False)}
    assert {one.starts_at - one.check_in_opens for one in after} == {timedelta(minutes=15)}
    assert SessionSeries.objects.count() == 2
    assert_told_truly()
    assert told == [ClassMoved(third.pk, course.pk, "Numbers", to, 1, and_following=True)]


def test_a_title_for_all_that_follow_is_no_news(
    ashas: APIClient, asha: CustomUser, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=4")
    with django_capture_on_commit_callbacks(execute=True):
        ashas.patch(f"{address(made[0])}?scope=following", {"title": "Numbers"})

    assert {one.title for one in rows()} == {"Numbers"}
    assert SessionSeries.objects.count() == 1
    assert_told_truly()
    assert told == []


def test_what_was_changed_cancelled_or_attended_stays_as_it_is(
    asha: CustomUser, bilal: CustomUser, course: Course
) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=7", exceptions=[clock(START, days=42)])
    change_session(owner=asha, session_id=made[2].pk, values={"starts_at": clock(made[2].starts_at, days=3)})
    made[3].state = "cancelled"
    made[3].save()
    keep_events(made[4], [event(made[4], bilal, "manual", timezone.now(), status="present")])
    change_session(
        owner=asha, session_id=made[1].pk, values={"starts_at": clock(made[1].starts_at, hours=1)}, scope="following"
    )

    after = [LiveSession.objects.get(pk=one.pk) for one in made]
    assert starts(after) == ["Mon 09:00", "Mon 10:00", "Thu 09:00", "Mon 09:00", "Mon 09:00", "Mon 10:00"]
    assert [one.is_changed for one in after] == [False, False, True, False, True, False]
    assert after[5].series is not None
    assert after[5].series.exceptions == [written(clock(START, days=42, hours=1))]
    assert_told_truly()


def test_it_begins_where_it_is_said_also_for_one_that_was_moved(asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=4")
    change_session(owner=asha, session_id=made[1].pk, values={"starts_at": clock(made[1].starts_at, days=1)})
    change_session(owner=asha, session_id=made[1].pk, values={"title": "Numbers"}, scope="following")
    assert starts(rows()) == ["Mon 09:00", "Tue 09:00", "Mon 09:00", "Mon 09:00"]
    assert_told_truly()

    change_session(
        owner=asha, session_id=made[1].pk, values={"starts_at": clock(made[1].starts_at, days=2)}, scope="following"
    )
    assert starts(rows()) == ["Mon 09:00", "Wed 09:00", "Wed 09:00", "Wed 09:00"]
    assert_told_truly()


def test_an_endless_series_goes_on_as_it_was_changed(asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH")
    change_session(
        owner=asha,
        session_id=made[3].pk,
        values={"starts_at": clock(made[3].starts_at, days=-2, hours=1), "title": "Numbers"},
        scope="following",
    )
    assert_told_truly()

    extend_series(now=timezone.now() + timedelta(days=200))
    assert set(starts(rows(title="Numbers"))) == {"Sat 10:00", "Tue 10:00"}
    assert starts(rows(title="Spelling")) == ["Mon 09:00", "Thu 09:00", "Mon 09:00"]
    assert_told_truly()


def test_a_day_of_the_month_can_not_be_moved_by_days_alone(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=MONTHLY;BYDAY=1MO,2MO,3MO,4MO;COUNT=6")
    tuesday = written(clock(made[1].starts_at, days=1))

    answer = ashas.patch(f"{address(made[1])}?scope=following", {"starts_at": tuesday})
    assert first_error(answer) == (400, "bad_recurrence", "recurrence")
    said = {"starts_at": tuesday, "recurrence": "FREQ=WEEKLY;BYDAY=TU;COUNT=5"}
    assert ashas.patch(f"{address(made[1])}?scope=following", said).status_code == 200
    assert starts(rows()) == ["Mon 09:00"] + ["Tue 09:00"] * 5
    assert_told_truly()


def test_by_another_rule_days_that_stay_keep_their_session(asha: CustomUser, bilal: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=8", exceptions=[clock(START, days=14)])
    made[4].state = "cancelled"  # a Wednesday
    made[4].save()
    days = {one.pk: one.starts_at for one in made}
    rule = "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=10"
    change_session(owner=asha, session_id=made[1].pk, values={"recurrence": rule}, scope="following")

    after = rows()
    assert {one.pk: one.starts_at for one in after if one.pk in days} == days
    # The fortnight's Monday is still left out, and what was cancelled is not made again.
    standing = [one for one in after if one.is_standing]
    assert starts(standing)[1:] == ["Wed 09:00", "Fri 09:00", "Mon 09:00", "Wed 09:00", "Fri 09:00", "Fri 09:00",
                                    "Mon 09:00", "Wed 09:00"]  # fmt: skip
    assert_told_truly()


def test_by_a_shorter_rule_what_is_left_over_is_cancelled(asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=6")
    change_session(owner=asha, session_id=made[2].pk, values={"recurrence": "FREQ=WEEKLY;COUNT=2"}, scope="following")

    assert [one.is_standing for one in rows()] == [True] * 4 + [False] * 2
    assert {one.series for one in rows()[4:]} == {None}
    assert_told_truly()


def test_what_is_alone_can_be_made_to_recur(ashas: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=START)

    answer = ashas.patch(address(session), {"recurrence": "FREQ=DAILY;COUNT=3", "timezone": "Europe/Berlin"})
    assert answer.json()["recurrence"] == "FREQ=DAILY;COUNT=3"
    assert [one.starts_at for one in rows()] == [clock(START, days=days) for days in range(3)]
    assert rows()[0].pk == session.pk
    assert_told_truly()


def test_what_is_attended_keeps_its_start_in_a_series_too(
    ashas: APIClient, asha: CustomUser, bilal: CustomUser, course: Course
) -> None:
    made = planned(asha, course, "FREQ=DAILY;COUNT=5", start=timezone.now().replace(microsecond=0))
    keep_events(made[0], [event(made[0], bilal, "check_in", made[0].starts_at + timedelta(minutes=5))])
    later = written(made[0].starts_at + timedelta(hours=1))

    answer = ashas.patch(f"{address(made[0])}?scope=following", {"starts_at": later})
    assert first_error(answer) == (409, "already_attended", "starts_at")
    late = written(made[0].starts_at + timedelta(minutes=2))
    assert ashas.patch(f"{address(made[0])}?scope=following", {"late_after": late}).status_code == 200
    assert {one.late_after - one.starts_at for one in rows()} == {timedelta(minutes=2)}
    assert made[0].records.get().status == "late"


def test_the_rest_of_a_series_costs_the_same_however_long_it_is(
    ashas: APIClient, asha: CustomUser, course: Course, on_postgresql: bool
) -> None:
    taken = []
    for rule in ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=300"):
        made = planned(asha, course, rule)
        linked = contents_of(course)[0].pk
        said = {"starts_at": written(clock(made[1].starts_at, hours=1)), "linked_content_id": linked}
        with CaptureQueriesContext(connection) as statements:
            assert ashas.patch(f"{address(made[1])}?scope=following", said).status_code == 200
        taken.append(len(statements))
        assert {one.linked_content_id for one in rows(series=rows(pk=made[1].pk)[0].series)} == {linked}

    if on_postgresql:
        assert taken[0] == taken[1] <= 17
    else:  # SQLite takes a thousand values in one statement
        assert taken[1] - taken[0] < 15


# --- cancelled ------------------------------------------------------------------------------------------------------


def test_one_and_all_that_follow_are_cancelled(
    ashas: APIClient, asha: CustomUser, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    made = planned(asha, course, "FREQ=WEEKLY")
    change_session(owner=asha, session_id=made[5].pk, values={"starts_at": clock(made[5].starts_at, days=1)})
    told.clear()
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert ashas.delete(f"{address(made[3])}?scope=following&reason=Holidays").status_code == 204

    after = [LiveSession.objects.get(pk=one.pk) for one in made]
    assert [one.is_standing for one in after] == [True] * 3 + [False] * (len(made) - 3)
    assert {one.cancel_reason for one in after[3:]} == {"Holidays"}
    assert told == [ClassCancelled(made[3].pk, course.pk, "Spelling", made[3].starts_at, "Holidays", True)]
    assert extend_series(now=timezone.now() + timedelta(days=700)) == 0
    assert_told_truly()


def test_with_the_first_the_whole_series_ends(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=3")

    assert ashas.delete(f"{address(made[0])}?scope=following").status_code == 204
    assert not LiveSession.objects.standing().exists()
    assert not SessionSeries.objects.exists()


def test_one_alone_is_cancelled_in_its_series(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=3")

    assert ashas.delete(address(made[1])).status_code == 204
    assert [one.is_standing for one in rows()] == [True, False, True]
    assert_told_truly()
