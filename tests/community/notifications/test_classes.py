"""What attendance announces reaches a class, and whom it is about: once, in their language, by their own clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from attendance.events import AttendanceWarned, ClassCancelled, ClassMoved, ClassSoon, ExcuseAsked, ExcuseDecided
from community.models import Notification
from community.notifications.services import tell_of_class
from courses.models import Course
from e_learning.core.events import publish_on_commit
from tests.community.notifications.told import choose, told_of
from tests.factories.classes import make_class
from tests.factories.courses import enroll, make_course

pytestmark = pytest.mark.django_db(transaction=True)
#: Far ahead, and in the evening of a Monday in UTC.
AT = datetime(2096, 3, 5, 20, 30, tzinfo=UTC)


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha)
    enroll(bilal, course)
    return course


def message_to(person: CustomUser) -> str:
    return Notification.objects.get(user=person).message


FACTS = [
    (ClassSoon, {}, "Class soon: Letters", "On March 5, 2096, 8:30 p.m., in Alphabet in Signs."),
    (ClassMoved, {"sequence": 1}, "Class changed: Letters",
     "It takes place on March 5, 2096, 8:30 p.m., in Alphabet in Signs."),
    (ClassMoved, {"sequence": 1, "and_following": True}, "Classes changed: Letters",
     "The next takes place on March 5, 2096, 8:30 p.m., in Alphabet in Signs. You find the others in the app."),
    (ClassCancelled, {"reason": "Asha is ill."}, "Class cancelled: Letters",
     "The class on March 5, 2096, 8:30 p.m., in Alphabet in Signs does not take place. Asha is ill."),
    (ClassCancelled, {"reason": "", "and_following": True}, "Classes cancelled: Letters",
     "The class on March 5, 2096, 8:30 p.m., in Alphabet in Signs and those after it do not take place."),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "fields", "title", "message"), FACTS)
def test_a_class_is_told_once(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, course: Course, fact: Any, fields: Any, title: str,
    message: str,
) -> None:  # fmt: skip
    event = fact(session_id=7, course_id=course.pk, title="Letters", starts_at=AT, **fields)
    for _time in range(2):
        publish_on_commit(event)

    assert told_of(bilal) == [("class_reminder", title)]
    assert message_to(bilal) == message
    assert told_of(asha) == told_of(chitra) == []


def test_each_change_and_each_start_is_told_anew(bilal: CustomUser, course: Course) -> None:
    given: dict[str, Any] = {"session_id": 7, "course_id": course.pk, "title": "Letters"}
    for sequence in (1, 2):
        publish_on_commit(ClassMoved(**given, starts_at=AT, sequence=sequence))
    for days in (0, 1):
        publish_on_commit(ClassSoon(**given, starts_at=AT + timedelta(days=days)))

    assert Notification.objects.filter(user=bilal).count() == 4


def test_each_reads_it_by_their_own_clock_and_in_their_language(
    bilal: CustomUser, chitra: CustomUser, course: Course
) -> None:
    enroll(chitra, course)
    CustomUser.objects.filter(pk=bilal.pk).update(timezone="Asia/Kolkata")
    CustomUser.objects.filter(pk=chitra.pk).update(timezone="America/New_York")
    choose(chitra, locale="hi")
    publish_on_commit(ClassSoon(7, course.pk, "Letters", AT))

    assert "March 6, 2096, 2 a.m." in message_to(bilal)
    assert "3:30" in message_to(chitra)
    assert "March" not in message_to(chitra)


def test_who_is_not_enrolled_any_more_hears_nothing(bilal: CustomUser, chitra: CustomUser, course: Course) -> None:
    enroll(chitra, course, expiry_date=datetime(2026, 1, 1, tzinfo=UTC))
    publish_on_commit(ClassSoon(7, course.pk, "Letters", AT))

    assert (len(told_of(bilal)), told_of(chitra)) == (1, [])


def test_of_what_has_begun_meanwhile_nobody_is_told(bilal: CustomUser, course: Course) -> None:
    publish_on_commit(ClassSoon(7, course.pk, "Letters", datetime(2026, 1, 1, tzinfo=UTC)))
    publish_on_commit(ClassSoon(7, 999, "Letters", AT))

    assert told_of(bilal) == []


def test_a_percent_in_a_title_is_one(bilal: CustomUser, course: Course) -> None:
    publish_on_commit(ClassSoon(7, course.pk, "100% %(course)s", AT))

    assert told_of(bilal) == [("class_reminder", "Class soon: 100% %(course)s")]


def test_telling_a_class_costs_the_same_whatever_its_size(
    asha: CustomUser, tasks_wait: None, on_postgresql: bool
) -> None:
    """Of 60 learners in six time zones and two languages, as of one."""
    small, large = make_course(asha), make_course(asha)
    for number, learner in enumerate(make_class(large, 60)):
        zone = ["UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Cairo"][number % 6]
        CustomUser.objects.filter(pk=learner.pk).update(timezone=zone)
        choose(learner, locale="hi" if number % 4 else "en")
    enroll(learner, small)
    costs = []
    for course, size in ((small, 1), (large, 60)):
        with CaptureQueriesContext(connection) as statements:
            told = tell_of_class(
                fact="soon", course_id=course.pk, words={"class": "Letters"}, starts_at=AT, key=f"class.{course.pk}"
            )
        assert told == size
        costs.append(len(statements))

    assert costs[0] == costs[1]
    if on_postgresql:
        # the course, its learners; BEGIN, who listens, the rows, unread counts, COMMIT
        assert costs[0] == 7


def test_who_teaches_hears_that_an_excuse_is_asked(asha: CustomUser, bilal: CustomUser, course: Course) -> None:
    for _time in range(2):
        publish_on_commit(ExcuseAsked(7, course.pk, "Letters", bilal.pk))

    assert told_of(asha) == [("system", "Bilal asks to be excused: Letters")]
    assert told_of(bilal) == []


@pytest.mark.parametrize(
    ("is_approved", "title"),
    [(True, "You are excused: Letters"), (False, "Your excuse was not accepted: Letters")],
)
def test_a_learner_hears_what_was_decided(
    asha: CustomUser, bilal: CustomUser, course: Course, is_approved: bool, title: str
) -> None:
    for _time in range(2):
        publish_on_commit(ExcuseDecided(7, course.pk, "Letters", bilal.pk, is_approved))

    assert told_of(bilal) == [("system", title)]
    assert told_of(asha) == []


def test_a_learner_is_warned_once_for_each_percentage(bilal: CustomUser, course: Course) -> None:
    for below in (75, 75, 50):
        publish_on_commit(AttendanceWarned(bilal.pk, course.pk, below, AT))

    assert told_of(bilal) == [
        ("system", "Your attendance in Alphabet in Signs is below 75 percent"),
        ("system", "Your attendance in Alphabet in Signs is below 50 percent"),
    ]
