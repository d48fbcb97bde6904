"""Whatever is done to a series, a calendar program shows exactly the sessions that stand."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from attendance.calendars import calendar_file
from attendance.models import LiveSession
from attendance.selectors.calendar import calendar_sessions
from attendance.services.planning import cancel_session, change_session, plan_session
from courses.models import Course
from tests.attendance.calendars import shown_by, standing

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = [
    "FREQ=WEEKLY;COUNT=60",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=40",
    "FREQ=DAILY;INTERVAL=3;COUNT=100",
    "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
    "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=8",
    "FREQ=WEEKLY;BYDAY=SA",
    "FREQ=WEEKLY",
]


def planned(asha: CustomUser, course: Course, rule: str) -> list[LiveSession]:
    start = (timezone.now().astimezone(BERLIN) + 3 * DAY).replace(hour=9, minute=0, second=0, microsecond=0)
    values = {"title": "Spelling", "mode": "online", "starts_at": start, "ends_at": start + HOUR}
    first = plan_session(owner=asha, course_id=course.pk, values=values | {"recurrence": rule, "timezone": BERLIN.key})
    return list(LiveSession.objects.filter(series=first.series).order_by("starts_at"))


def assert_shown_truly(asha: CustomUser) -> None:
    """Of rules without an end, up to where sessions were made."""
    rows = calendar_sessions(asha, since=timezone.now() - DAY)
    endless = [row.series for row in rows if row.series and not re.search("COUNT|UNTIL", row.series.rrule)]
    made_until = min([series.expanded_until for series in endless], default=timezone.now() + 2000 * DAY)
    shown = shown_by(calendar_file(rows, name="My classes", host="school.example"), until=made_until)

    assert [one for one in shown if one.starts_at < made_until] == [
        one for one in standing(rows) if one.starts_at < made_until
    ]


@pytest.mark.parametrize("rule", RULES)
def test_planned_changed_and_cancelled(asha: CustomUser, course: Course, rule: str) -> None:
    rows = planned(asha, course, rule)
    assert_shown_truly(asha)
    cancel_session(owner=asha, session_id=rows[1].pk)
    later = {"starts_at": rows[2].starts_at + HOUR, "ends_at": rows[2].ends_at + HOUR}
    change_session(owner=asha, session_id=rows[2].pk, values=later)
    change_session(owner=asha, session_id=rows[3].pk, values={"title": "Examination"})
    assert_shown_truly(asha)


@pytest.mark.parametrize("rule", RULES)
def test_changed_from_one_on(asha: CustomUser, course: Course, rule: str) -> None:
    rows = planned(asha, course, rule)
    change_session(owner=asha, session_id=rows[5].pk, values={"title": "Examination"})
    later = {"starts_at": rows[3].starts_at + HOUR, "ends_at": rows[3].ends_at + 2 * HOUR, "title": "Later"}
    change_session(owner=asha, session_id=rows[3].pk, values=later, scope="following")
    assert_shown_truly(asha)
    cancel_session(owner=asha, session_id=rows[6].pk, scope="following", reason="Holidays")
    assert_shown_truly(asha)
    assert LiveSession.objects.standing().count() == 6
