"""A person's calendar: whose it is, what it holds, and how its address ends."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext
from rest_framework.test import APIClient

from accounts.models import CustomUser, UserSettings
from attendance.models import CalendarFeed
from attendance.services import feeds
from attendance.services.feeds import open_calendar
from courses.models import Course, Enrollment
from tests.attendance.calendars import events_in, make_series, shown_by, weekly
from tests.crowd import crowd
from tests.factories.classes import make_session
from tests.factories.courses import make_course
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db
ADDRESS = "/api/attendance/calendar/"
DAY = timedelta(days=1)


def read(client: APIClient, url: str) -> Any:
    parts = urlsplit(url)
    return client.get(f"{parts.path}?{parts.query}")


def titles_for(user: CustomUser) -> list[str]:
    file = read(APIClient(), open_calendar(user=user))
    return sorted(event.summary.value for event in events_in(file.content))


# --- the address ----------------------------------------------------------------------------------
def test_the_address_is_absolute_stays_and_opens_without_a_sign_in(
    bilals: APIClient, anonymous: APIClient, course: Course, settings: Any
) -> None:
    make_session(course)
    url = bilals.get(ADDRESS).json()["url"]
    answer = read(anonymous, url)

    assert url.startswith(f"{settings.PUBLIC_URL}/api/attendance/calendar.ics?token=")
    assert bilals.get(ADDRESS).json() == {"url": url}
    assert (answer.status_code, len(events_in(answer.content))) == (200, 1)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"].startswith("private")


def test_another_address_ends_the_one_before(bilals: APIClient, anonymous: APIClient) -> None:
    old = bilals.get(ADDRESS).json()["url"]
    new = bilals.post(ADDRESS).json()["url"]

    assert new == bilals.get(ADDRESS).json()["url"] != old
    assert [read(anonymous, url).status_code for url in (old, new)] == [404, 200]


def test_asked_for_again_under_one_key_it_is_one_address(bilals: APIClient) -> None:
    asked = [bilals.post(ADDRESS, HTTP_IDEMPOTENCY_KEY="once").json() for _time in range(2)]

    assert asked[0] == asked[1] == bilals.get(ADDRESS).json()


@pytest.mark.parametrize(
    "token", ["", "1", "1.x.y", "x" * 5000, "%00", "%ff", "नमस्ते", "1.%F0%9F%91%A9.1", "a.b.c&token="]
)
def test_what_is_no_address_is_not_there(anonymous: APIClient, token: str) -> None:
    answer = anonymous.get(f"/api/attendance/calendar.ics?token={token}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_nobody_makes_an_address_of_what_the_table_holds(bilal: CustomUser, anonymous: APIClient) -> None:
    url = open_calendar(user=bilal)
    nonce = CalendarFeed.objects.get().nonce
    signature = url.rpartition(".")[2]
    forged = [f"{bilal.pk}.{nonce}", f"{bilal.pk}.{nonce}.", f"{bilal.pk + 1}.{nonce}.{signature}"]

    assert [anonymous.get(f"/api/attendance/calendar.ics?token={one}").status_code for one in forged] == [404] * 3


def test_a_closed_account_shows_nothing(bilal: CustomUser, anonymous: APIClient) -> None:
    url = open_calendar(user=bilal)
    bilal.is_active = False
    bilal.save()

    assert read(anonymous, url).status_code == 404


def test_nobody_asks_for_an_address_without_signing_in(anonymous: APIClient) -> None:
    assert [anonymous.get(ADDRESS).status_code, anonymous.post(ADDRESS).status_code] == [401, 401]


def test_an_address_of_the_network_reads_so_often(bilal: CustomUser, anonymous: APIClient, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"address": "2/3600"}
    url = open_calendar(user=bilal)

    assert [read(anonymous, url).status_code for _time in range(3)] == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_first_get_the_same(bilal: CustomUser) -> None:
    assert all(addresses_at_once(times(20, few=4)))


@pytest.mark.django_db(transaction=True)
def test_where_each_makes_its_own_one_of_them_is_dead(bilal: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds: the row of who came first is the one that both are told."""
    monkeypatch.setattr(feeds, "open_calendar", feeds.renew_calendar)

    assert not all(addresses_at_once(200))


def addresses_at_once(rounds: int) -> Iterator[bool]:
    """Ask for the address of somebody new from two threads at once; yields whether both opens the calendar."""
    with crowd(2) as all_at_once:
        for number in range(rounds):
            somebody = person(f"learner{number}")
            one, other = all_at_once(*[lambda who=somebody: feeds.open_calendar(user=who)] * 2)
            yield one == other


# --- what it holds --------------------------------------------------------------------------------
def test_it_holds_what_one_takes_and_what_one_teaches(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser, course: Course
) -> None:
    make_session(course, title="Taken")
    make_session(make_course(asha), title="Of another course")

    assert titles_for(bilal) == ["Taken"]
    assert titles_for(asha) == ["Of another course", "Taken"]
    assert titles_for(chitra) == titles_for(admin) == []


def test_whose_enrolment_has_ended_sees_no_more(bilal: CustomUser, course: Course) -> None:
    make_session(course)
    Enrollment.objects.update(expiry_date=timezone.now() - DAY)

    assert titles_for(bilal) == []


def test_it_goes_back_for_90_days(bilal: CustomUser, course: Course) -> None:
    now = timezone.now()
    for days in (-91, -89, 300):
        make_session(course, starts_at=now + days * DAY, title=str(days))

    assert titles_for(bilal) == ["-89", "300"]


def test_a_series_that_began_before_comes_whole(bilal: CustomUser, course: Course) -> None:
    first = (timezone.now() - 120 * DAY).replace(microsecond=0, tzinfo=None)
    rows = make_series(course, "FREQ=WEEKLY;COUNT=10", weekly(first, 10), "UTC")
    rows[1].state = "cancelled"
    rows[1].save()
    shown = shown_by(read(APIClient(), open_calendar(user=bilal)).content, until=timezone.now() + 900 * DAY)

    assert [one.starts_at for one in shown] == [row.starts_at for row in rows if row != rows[1]]


def test_it_is_called_so_in_ones_language(bilal: CustomUser, anonymous: APIClient) -> None:
    url = open_calendar(user=bilal)
    UserSettings.objects.filter(user=bilal).update(locale="hi")
    with translation.override("hi"):
        name = gettext("My classes")

    assert f"X-WR-CALNAME:{name}\r\n" in read(anonymous, url).content.decode()


def test_a_calendar_costs_the_same_whatever_it_holds(bilal: CustomUser, course: Course, anonymous: APIClient) -> None:
    url = open_calendar(user=bilal)
    for number in (1, 10):
        for _each in range(number):
            make_session(course)
            make_series(course, "FREQ=DAILY;COUNT=3", weekly(timezone.now().replace(tzinfo=None), 3), "Europe/Berlin")
        with CaptureQueriesContext(connection) as statements:
            read(anonymous, url)

        # whose it is, and their sessions
        assert len(statements) == 2
