"""What is for sale, and what a person's plan allows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from tests.conftest import ClientFor
from tests.payments.factories import make_plan, paid_course
from tests.payments.subscriptions.school import (
    free_plan,
    prepay,
    pro_plan,
    running_subscription,
    settle,
    waiting_subscription,
)

STATUS, PLANS = "/api/payments/subscription/status/", "/api/payments/plans/"
NOTHING = {"daily_lessons": None, "offline_downloads": False, "advanced_features": False}


@pytest.mark.django_db
def test_without_any_plan_one_is_free_and_nothing_is_limited(bilal: CustomUser, client_for: ClientFor) -> None:
    assert client_for(bilal).get(STATUS).json() == {
        "tier": "free",
        "is_active": False,
        "expires_at": None,
        "features": [],
        "limits": NOTHING,
    }


@pytest.mark.django_db
def test_without_a_subscription_one_has_the_free_plan(bilal: CustomUser, client_for: ClientFor) -> None:
    free_plan()
    body = client_for(bilal).get(STATUS).json()
    assert (body["tier"], body["is_active"], body["features"]) == ("free", False, ["Free courses"])
    assert body["limits"] == NOTHING | {"daily_lessons": 5}


@pytest.mark.django_db
def test_a_subscription_gives_what_its_plan_says(bilal: CustomUser, client_for: ClientFor) -> None:
    free_plan()
    end = timezone.now().replace(microsecond=0) + timedelta(days=20)
    running_subscription(bilal, make_plan(), current_end=end)
    until = (end + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    body = client_for(bilal).get(STATUS).json()
    assert body == {
        "tier": "premium",
        "is_active": True,
        "expires_at": until,
        "features": ["Every course"],
        "limits": NOTHING | {"offline_downloads": True},
    }


@pytest.mark.django_db
def test_between_the_end_and_the_sweep_it_has_ended(bilal: CustomUser, client_for: ClientFor, settings: Any) -> None:
    settings.SUBSCRIPTION_GRACE_DAYS = 0
    now = timezone.now()
    just: Any = {"at": now - timedelta(days=1), "current_end": now - timedelta(seconds=1)}
    assert settle(waiting_subscription(bilal, make_plan()), **just).entitled_until == just["current_end"]
    assert client_for(bilal).get(STATUS).json()["is_active"] is False


@pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT would count too
@pytest.mark.parametrize("has", ["nothing", "one", "two"])
def test_it_takes_three_statements_at_most(has: str, bilal: CustomUser, client_for: ClientFor) -> None:
    free_plan()
    if has != "nothing":
        running_subscription(bilal, make_plan())
    if has == "two":
        prepay(bilal, pro_plan())
    client = client_for(bilal)
    with CaptureQueriesContext(connection) as statements:
        assert client.get(STATUS).json()["tier"] == {"nothing": "free", "one": "premium", "two": "pro"}[has]
    assert len(statements) == (3 if has == "nothing" else 2)


# --- plans --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_plans_are_public_in_their_order_and_kept_by_etag(asha: CustomUser, anonymous: APIClient) -> None:
    course = paid_course(asha)
    named = make_plan(slug="english", name="English", covers_all_courses=False, order=2, daily_lessons=10)
    named.courses.set([course])
    make_plan(slug="old", is_active=False)
    make_plan(order=3)
    free_plan()
    answer = anonymous.get(PLANS)
    assert [plan["slug"] for plan in answer.json()] == ["free", "english", "premium"]
    assert answer.json()[1] == {
        "slug": "english",
        "tier": "premium",
        "name": "English",
        "description": "",
        "price": "299.00",
        "currency": "INR",
        "period": "monthly",
        "interval": 1,
        "features": ["Every course"],
        "limits": NOTHING | {"daily_lessons": 10, "offline_downloads": True},
        "covers_all_courses": False,
        "course_ids": [course.pk],
    }
    again = anonymous.get(PLANS, HTTP_IF_NONE_MATCH=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_three_plans_take_as_many_statements_as_one(asha: CustomUser, anonymous: APIClient) -> None:
    taken = []
    for number in range(1, 4):
        plan = make_plan(slug=f"plan-{number}", covers_all_courses=False)
        plan.courses.set([paid_course(asha, title=f"Course {number}")])
        with CaptureQueriesContext(connection) as statements:
            assert len(anonymous.get(PLANS).json()) == number
        taken.append(len(statements))
    assert taken == [2, 2, 2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", STATUS),
        ("post", "/api/payments/subscriptions/"),
        ("post", "/api/payments/subscriptions/cancel/"),
        ("post", "/api/payments/subscriptions/upgrade/"),
    ],
)
def test_everything_else_asks_for_a_token(method: str, address: str, anonymous: APIClient) -> None:
    answer: Any = getattr(anonymous, method)(address)
    assert answer.status_code == 401
