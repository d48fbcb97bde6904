"""Access given and taken back in the back office: by admins, with a reason, never against money."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access, give_pass, grant_access
from courses.learning.services import enroll_learner, grant_by_hand
from courses.models import AccessGrant, AccessPass, Course, Enrollment
from e_learning.core.api.errors import NotAllowed
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
GRANTS = "/admin/courses/accessgrant/"


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, title="Spoken English", price_paise=49900)


def office_of(user: CustomUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(admin: CustomUser) -> Client:
    return office_of(admin)


@pytest.fixture
def teachers_office(asha: CustomUser) -> Client:
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    asha.groups.add(Group.objects.get(name="instructor"))
    return office_of(asha)


def give(office: Client, learner: CustomUser, course: Course, **changes: str) -> Any:
    form = {"user": learner.pk, "course": course.pk, "reason": "won a prize", "ends_at_0": "", "ends_at_1": ""}
    return office.post(f"{GRANTS}add/", form | changes)


def take_back(office: Client, *grants: AccessGrant, reason: str) -> Any:
    chosen = {"action": "take_back", "_selected_action": [row.pk for row in grants], "reason": reason}
    return office.post(GRANTS, chosen, follow=True)


def test_an_admin_gives_access_and_takes_it_back(
    office: Client, admin: CustomUser, course: Course, bilal: CustomUser
) -> None:
    assert give(office, bilal, course).status_code == 302
    granted = AccessGrant.objects.get()
    assert (granted.source, granted.reason, granted.granted_by, granted.ends_at) == (
        "manual",
        "won a prize",
        admin,
        None,
    )
    assert can_access(bilal, course.pk)
    page = office.get(f"/admin/courses/enrollment/{granted.enrollment_id}/change/").content.decode()
    assert "won a prize" in page
    assert "1 grant was taken back." in take_back(office, granted, reason="by mistake").content.decode()
    granted.refresh_from_db()
    assert granted.ended_reason == "by mistake"
    assert not can_access(bilal, course.pk)
    assert "0 grants were taken back." in take_back(office, granted, reason="again").content.decode()


def test_an_end_is_kept(office: Client, course: Course, bilal: CustomUser) -> None:
    give(office, bilal, course, ends_at_0="2999-12-31", ends_at_1="12:00:00")
    end = AccessGrant.objects.get().ends_at
    assert end is not None
    assert (end.year, Enrollment.objects.get().expiry_date) == (2999, end)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "   "}, "This field is required."),
        ({"ends_at_0": "2020-01-01", "ends_at_1": "12:00:00"}, "The end has to lie ahead."),
    ],
)
def test_a_grant_without_a_reason_or_with_an_end_that_is_past_is_refused(
    wrong: dict[str, str], said: str, office: Client, course: Course, bilal: CustomUser
) -> None:
    answer = give(office, bilal, course, **wrong)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not AccessGrant.objects.exists()


def test_taking_back_asks_why(office: Client, course: Course, bilal: CustomUser) -> None:
    give(office, bilal, course)
    assert "Say why." in take_back(office, AccessGrant.objects.get(), reason=" ").content.decode()
    assert can_access(bilal, course.pk)


def test_what_was_paid_for_is_not_taken_back_by_hand(
    office: Client, course: Course, asha: CustomUser, bilal: CustomUser
) -> None:
    now, other = timezone.now(), make_course(asha, price_paise=100)
    grant_access(user_id=bilal.pk, course_id=course.pk, source="purchase", reference="payment:1", reason="", at=now)
    give_pass(user_id=bilal.pk, reference="subscription:1", ends_at=now + timedelta(days=1), course_ids=None, at=now)
    enroll_learner(learner=bilal, course_id=other.pk)
    for row in AccessGrant.objects.all():
        assert "ends with its refund" in take_back(office, row, reason="out!").content.decode()
    assert can_access(bilal, course.pk)
    assert can_access(bilal, other.pk)
    taken = AccessPass.objects.get()
    assert office.get(f"/admin/courses/accesspass/{taken.pk}/change/").status_code == 200
    assert office.get("/admin/courses/accesspass/add/").status_code == 403


def test_no_grant_is_changed_or_deleted(office: Client, course: Course, bilal: CustomUser) -> None:
    give(office, bilal, course)
    page = f"{GRANTS}{AccessGrant.objects.get().pk}"
    assert office.post(f"{page}/change/", {"reason": "another"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert AccessGrant.objects.get().reason == "won a prize"


def test_an_instructor_reads_who_is_in_own_courses_and_gives_nothing(
    teachers_office: Client, admin: CustomUser, course: Course, bilal: CustomUser, chitra: CustomUser
) -> None:
    foreign = make_course(person("teacher", role="instructor"), title="Foreign", price_paise=100)
    for learner, where in ((bilal, course), (chitra, foreign)):
        grant_by_hand(
            staff=admin, user_id=learner.pk, course_id=where.pk, reason="a prize", ends_at=None, at=timezone.now()
        )
    page = teachers_office.get(GRANTS).content.decode()
    assert bilal.email in page or str(bilal) in page
    assert "Foreign" not in page
    assert give(teachers_office, chitra, course).status_code == 403
    take_back(teachers_office, *AccessGrant.objects.all(), reason="mine")
    assert AccessGrant.objects.filter(ended_at=None).count() == 2
    assert teachers_office.get("/admin/courses/accesspass/").status_code == 403


@pytest.mark.parametrize("who", ["asha", "bilal"])
def test_only_admins_give_by_hand(who: str, course: Course, asha: CustomUser, bilal: CustomUser) -> None:
    staff = {"asha": asha, "bilal": bilal}[who]
    with pytest.raises(NotAllowed):
        grant_by_hand(staff=staff, user_id=bilal.pk, course_id=course.pk, reason="x", ends_at=None, at=timezone.now())
