"""What the apps below announce reaches whom it is about, once."""

from datetime import UTC, datetime

import pytest

from accounts.models import CustomUser
from community.models import Notification
from courses.events import (
    AttemptGraded,
    CourseCompleted,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentExpiring,
    LearnerEnrolled,
)
from courses.models import Course
from e_learning.core.events import publish_on_commit
from payments.events import PaymentCaptured, RefundProcessed
from tests.community.notifications.told import choose, told_of
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 2, 20, tzinfo=UTC)


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha)


@pytest.mark.parametrize(
    ("fact", "kind", "title"),
    [
        (LearnerEnrolled(1, 2, 3, AT), "enrollment", "You are enrolled in Alphabet in Signs"),
        (EnrollmentExpiring(1, 2, 3, AT, AT), "enrollment", "Your access to Alphabet in Signs ends soon"),
        (EnrollmentExpired(1, 2, 3, AT, AT), "enrollment", "Your access to Alphabet in Signs has ended"),
        (EnrollmentEnded(1, 2, 3, "refund", AT), "enrollment", "Your access to Alphabet in Signs has ended"),
        (CourseCompleted(1, 2, 3, AT), "achievement", "You have completed Alphabet in Signs"),
        (AttemptGraded(1, 4, AT), "system", "Your answers were graded"),
        (PaymentCaptured(1, 5, AT), "payment", "Payment received"),
        (RefundProcessed(1, 5, 6, AT), "refund", "Your refund was paid out"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_fact_is_told_once(bilal: CustomUser, course: Course, fact: object, kind: str, title: str) -> None:
    given = {"user_id": bilal.pk, "course_id": course.pk}
    named = {name: given.get(name, getattr(fact, name)) for name in type(fact).__dataclass_fields__}  # type: ignore[attr-defined]  # each is a dataclass
    for _ in range(2):
        publish_on_commit(type(fact)(**named))

    assert told_of(bilal) == [(kind, title)]


def test_the_end_of_access_is_a_day_where_its_reader_lives(bilal: CustomUser, course: Course) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(timezone="Asia/Kolkata")
    publish_on_commit(EnrollmentExpiring(bilal.pk, course.pk, 3, AT, AT))

    assert Notification.objects.get().message == "It is open to you until March 3, 2026."


def test_facts_are_told_in_the_readers_language(bilal: CustomUser, course: Course) -> None:
    choose(bilal, locale="hi")
    publish_on_commit(EnrollmentExpiring(bilal.pk, course.pk, 3, AT, AT))

    assert "2026" in Notification.objects.get().message
    assert "March" not in Notification.objects.get().message


def test_a_course_that_is_gone_tells_nobody(bilal: CustomUser) -> None:
    publish_on_commit(LearnerEnrolled(bilal.pk, 999, 3, AT))

    assert told_of(bilal) == []
