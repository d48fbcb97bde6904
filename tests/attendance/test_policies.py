"""How a course keeps its register: who may see it, who may change it, and what it can be."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendancePolicy
from attendance.services import policies
from courses.models import Course
from tests.crowd import crowd
from tests.factories.courses import make_course
from tests.thorough import times

pytestmark = pytest.mark.django_db


def path(course: Course) -> str:
    return f"/api/attendance/courses/{course.pk}/policy/"


def test_a_course_without_a_row_goes_by_the_defaults(bilals: APIClient, course: Course) -> None:
    assert bilals.get(path(course)).json() == {
        "course_id": course.pk,
        "timezone": "",
        "opens_minutes": 15,
        "late_after_minutes": 10,
        "closes_after_minutes": 30,
        "minimum_minutes": None,
        "minimum_percent": None,
        "absent_after_minutes": 60,
        "offline_grace_minutes": 30,
        "weights": {"present": 100, "late": 50, "absent": 0, "excused": None},
        "warn_below": [75],
        "warn_after_sessions": 3,
        "remind_minutes": 60,
    }
    assert not AttendancePolicy.objects.exists()


def test_an_owner_changes_what_they_send(ashas: APIClient, bilals: APIClient, course: Course) -> None:
    ashas.patch(path(course), {"timezone": "Asia/Kolkata", "weights": {"late": None}, "warn_below": [50, 80, 80]})
    answer = ashas.patch(path(course), {"late_after_minutes": 5, "remind_minutes": None})

    assert answer.status_code == 200
    assert answer.json() == bilals.get(path(course)).json()
    assert (
        answer.json()
        | {
            "timezone": "Asia/Kolkata",
            "late_after_minutes": 5,
            "weights": {"present": 100, "late": None, "absent": 0, "excused": None},
            "warn_below": [80, 50],
            "remind_minutes": None,
        }
        == answer.json()
    )


def test_an_admin_may_too(admins: APIClient, course: Course) -> None:
    assert admins.patch(path(course), {"minimum_percent": 70}).json()["minimum_percent"] == 70


def test_learners_only_read_it_and_strangers_see_none(
    bilals: APIClient, chitras: APIClient, anonymous: APIClient, course: Course
) -> None:
    refused = bilals.patch(path(course), {"late_after_minutes": 0})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "owners_only")
    assert [chitras.get(path(course)).status_code, chitras.patch(path(course), {}).status_code] == [404, 404]
    assert [anonymous.get(path(course)).status_code, anonymous.patch(path(course), {}).status_code] == [401, 401]


def test_who_teaches_something_else_is_a_stranger(chitras: APIClient, chitra: CustomUser, course: Course) -> None:
    chitra.role = "instructor"
    chitra.save()
    make_course(chitra)

    assert chitras.patch(path(course), {"late_after_minutes": 0}).status_code == 404


BAD: list[tuple[dict[str, Any], str]] = [
    ({"late_after_minutes": 31}, "late_after_minutes"),
    ({"closes_after_minutes": 9}, "closes_after_minutes"),
    ({"late_after_minutes": 20, "closes_after_minutes": 19}, "closes_after_minutes"),
    ({"opens_minutes": -1}, "opens_minutes"),
    ({"opens_minutes": 1441}, "opens_minutes"),
    ({"opens_minutes": 10**40}, "opens_minutes"),
    ({"opens_minutes": None}, "opens_minutes"),
    ({"minimum_minutes": 10**12}, "minimum_minutes"),
    ({"minimum_percent": 101}, "minimum_percent"),
    ({"absent_after_minutes": 7 * 24 * 60 + 1}, "absent_after_minutes"),
    ({"remind_minutes": 0}, "remind_minutes"),
    ({"warn_after_sessions": 10**12}, "warn_after_sessions"),
    ({"weights": {"late": 101}}, "weights.late"),
    ({"weights": {"late": "half"}}, "weights.late"),
    ({"weights": None}, "weights"),
    ({"weights": 50}, "weights"),
    ({"warn_below": [0]}, "warn_below.0"),
    ({"warn_below": [101]}, "warn_below.0"),
    ({"warn_below": [1, 2, 3, 4, 5, 6]}, "warn_below"),
    ({"warn_below": "75"}, "warn_below"),
    ({"timezone": "Mars/Olympus"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"timezone": "Europe"}, "timezone"),
]


@pytest.mark.parametrize(("values", "attr"), BAD, ids=[str(values) for values, _attr in BAD])
def test_what_can_not_be_is_refused(ashas: APIClient, course: Course, values: dict[str, Any], attr: str) -> None:
    answer = ashas.patch(path(course), values)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert not AttendancePolicy.objects.exists()


def test_the_database_holds_the_order_of_the_times(course: Course) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AttendancePolicy.objects.create(course=course, late_after_minutes=31)


@pytest.mark.parametrize("warnings", [[0], [101], [50, 75], [75, 75], ["75"], [True], [6, 5, 4, 3, 2, 1], 75])
def test_the_back_office_writes_no_other_warnings_than_the_api(course: Course, warnings: object) -> None:
    with pytest.raises(Exception, match="highest first"):
        AttendancePolicy(course=course, warn_below=warnings).full_clean()
    AttendancePolicy(course=course, warn_below=[75, 50]).full_clean()


@pytest.mark.django_db(transaction=True)
def test_two_first_changes_at_once_both_count(asha: CustomUser, bilal: CustomUser) -> None:
    assert all(changed_at_once(asha, times(20, few=4)))


@pytest.mark.django_db(transaction=True)
def test_written_whole_one_of_them_is_lost(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds: each writes its own fields, onto what the other left."""

    def write_whole(*, owner: CustomUser, course_id: int, values: dict[str, Any]) -> None:
        whole = {"opens_minutes": 15, "warn_after_sessions": 3, **values}
        AttendancePolicy.objects.update_or_create(course_id=course_id, defaults=whole)

    monkeypatch.setattr(policies, "set_policy", write_whole)

    assert not all(changed_at_once(asha, 200))


def changed_at_once(asha: CustomUser, rounds: int) -> Iterator[bool]:
    """Change two fields of a course's policy from two threads at once, in course after course; yields whether both
    counted.
    """
    with crowd(2) as all_at_once:
        for _round in range(rounds):
            course = make_course(asha)
            all_at_once(
                lambda pk=course.pk: policies.set_policy(owner=asha, course_id=pk, values={"opens_minutes": 5}),
                lambda pk=course.pk: policies.set_policy(owner=asha, course_id=pk, values={"warn_after_sessions": 9}),
            )
            policy = AttendancePolicy.objects.get(course=course)
            yield (policy.opens_minutes, policy.warn_after_sessions) == (5, 9)
