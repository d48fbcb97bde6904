"""What the migrations make of a school from before grants were kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import CustomUser
from courses.api import can_access
from courses.learning.services.granting import settle_access
from courses.models import AccessGrant, Course, Enrollment
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
BEFORE = [("courses", "0005_what_stands")]
SINCE, DAY = datetime(2026, 3, 1, tzinfo=UTC), timedelta(days=1)


def migrate(targets: list[tuple[str, str]]) -> Any:
    return MigrationExecutor(connection).migrate(targets).apps


@pytest.fixture
def back_in_time(db: None) -> Iterator[Any]:
    """The models as they were; whatever happens, the tables of today are there again afterwards."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield lambda: migrate(BEFORE)
    migrate(latest)


def test_every_active_enrolment_gets_the_grant_that_it_follows_from(
    back_in_time: Any, asha: CustomUser, bilal: CustomUser
) -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    free, paid, cheap = make_course(asha), make_course(asha, price_paise=49900), make_course(asha, price_paise=100)
    gone = person("gone")
    enrollments = back_in_time().get_model("courses", "Enrollment").objects
    for learner, course, fields in (
        (bilal, free, {}),
        (bilal, paid, {"expiry_date": SINCE + 900 * DAY}),
        (bilal, cheap, {"expiry_date": SINCE - DAY}),
        (asha, paid, {}),
        (gone, paid, {"is_active": False}),
    ):
        enrollments.create(user_id=learner.pk, course_id=course.pk, enrollment_date=SINCE, **fields)
    enrollments.model._meta.get_field("course").related_model.objects.filter(pk=cheap.pk).update(price_paise=50)
    kept = list(Enrollment.objects.order_by("pk").values())
    migrate(latest)
    columns = ("user_id", "course_id", "source", "starts_at", "ends_at", "ended_at")
    assert list(AccessGrant.objects.order_by("pk").values_list(*columns)) == [
        (bilal.pk, free.pk, "free", SINCE, None, None),
        (bilal.pk, paid.pk, "manual", SINCE, SINCE + 900 * DAY, None),
        (bilal.pk, cheap.pk, "manual", SINCE - DAY - timedelta(seconds=1), SINCE - DAY, None),
        (asha.pk, paid.pk, "own", SINCE, None, None),
    ]
    assert set(AccessGrant.objects.values_list("reason", flat=True)) == {"enrolled before grants were kept"}
    assert Course.objects.get(pk=cheap.pk).price_paise == 100
    settle_access(list(Enrollment.objects.filter(expiry_date=None)), at=SINCE + DAY)
    settle_access(list(Enrollment.objects.filter(course=paid, user=bilal)), at=SINCE + DAY)
    assert list(Enrollment.objects.order_by("pk").values()) == kept
    assert can_access(bilal, paid.pk)
    assert not can_access(gone, paid.pk)
