"""Plans and subscriptions in the admin: plans are written, subscriptions only cancelled."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from e_learning.core.money import MOST_PAISE
from payments.gateways.models import SandboxObject
from payments.models import Plan, Subscription
from tests.factories.people import person
from tests.payments.factories import make_plan, paid_course
from tests.payments.subscriptions.school import prepay, running_subscription, subscribed_in_sandbox

pytestmark = pytest.mark.django_db
PLANS, SUBSCRIPTIONS = "/admin/payments/plan/", "/admin/payments/subscription/"


@pytest.fixture
def back_office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def form_of(plan: Plan, **changes: Any) -> dict[str, Any]:
    names = ["slug", "tier", "name", "description", "price_paise", "period", "interval", "order"]
    return {name: getattr(plan, name) for name in names} | {"features": '["Every course"]', "is_active": "on"} | changes


def test_another_price_is_another_plan_at_the_gateway(back_office: Client, bilal: CustomUser) -> None:
    plan = make_plan()
    subscribed_in_sandbox(bilal, plan)
    plan.refresh_from_db()
    kept = plan.gateway_plan_id
    for changes, expected in (({"name": "Gold"}, kept), ({"price_paise": 39_900}, "")):
        answer = back_office.post(f"{PLANS}{plan.pk}/change/", form_of(plan, **changes))
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        plan.refresh_from_db()
        assert plan.gateway_plan_id == expected
    assert plan.price_paise == 39_900
    assert Subscription.objects.get().gateway_plan_id == kept


def test_a_plan_is_made_with_its_courses(back_office: Client, asha: CustomUser) -> None:
    course = paid_course(asha)
    values = form_of(Plan(slug="english", tier="premium", name="English", price_paise=9900), courses=[course.pk])
    assert back_office.post(f"{PLANS}add/", values).status_code == 302
    assert list(Plan.objects.get(slug="english").courses.all()) == [course]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_paise": 99}, "price_paise"),
        ({"tier": "free"}, "price_paise"),
        ({"price_paise": MOST_PAISE + 1}, "price_paise"),
        ({"interval": 0}, "interval"),
        ({"interval": 121}, "interval"),
        ({"period": "yearly", "interval": 11}, "interval"),
        ({"features": '{"a": 1}'}, "features"),
        ({"features": "[1]"}, "features"),
    ],
)
def test_what_the_table_would_refuse_is_said_beside_the_field(
    changes: dict[str, Any], field: str, back_office: Client
) -> None:
    plan = make_plan()
    answer = back_office.post(f"{PLANS}{plan.pk}/change/", form_of(plan, **changes))
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def test_staff_cancel_by_the_gateway(back_office: Client, bilal: CustomUser) -> None:
    subscription = subscribed_in_sandbox(bilal, make_plan())
    chosen = {"action": "cancel", "_selected_action": [subscription.pk]}
    answer = back_office.post(SUBSCRIPTIONS, chosen, follow=True)
    assert "1 subscription ends with its period." in answer.content.decode()
    subscription.refresh_from_db()
    assert subscription.cancels_at_period_end
    assert SandboxObject.objects.get(kind="subscription").body["_cancels_at_cycle_end"]


def test_what_the_gateway_refuses_is_told(back_office: Client, bilal: CustomUser) -> None:
    subscription = running_subscription(bilal, make_plan())  # of which the sandbox knows nothing
    chosen = {"action": "cancel", "_selected_action": [subscription.pk]}
    shown = back_office.post(SUBSCRIPTIONS, chosen, follow=True).content.decode()
    assert "The payment service refused this." in shown
    subscription.refresh_from_db()
    assert not subscription.cancels_at_period_end


@pytest.mark.parametrize("page", [PLANS, SUBSCRIPTIONS])
def test_lists_cost_the_same_for_one_row_and_for_three(page: str, back_office: Client, bilal: CustomUser) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert back_office.get(page).status_code == 200
        return len(seen)

    prepay(bilal, make_plan())
    statements()  # content types are looked up once a process
    one = statements()
    for number in (2, 3):
        prepay(person(f"learner{number}"), make_plan(slug=f"plan-{number}"))
    assert statements() <= one


def test_every_row_opens_and_nothing_of_a_subscription_is_written(back_office: Client, bilal: CustomUser) -> None:
    prepay(bilal, make_plan())
    subscription = Subscription.objects.get()
    for address in (f"{PLANS}{subscription.plan_id}/change/", f"{SUBSCRIPTIONS}{subscription.pk}/change/"):
        assert back_office.get(address).status_code == 200
    assert back_office.get(SUBSCRIPTIONS, {"q": "bilal"}).status_code == 200
    for address in ("add/", f"{subscription.pk}/delete/"):
        assert back_office.get(f"{SUBSCRIPTIONS}{address}").status_code == 403
    assert back_office.post(f"{SUBSCRIPTIONS}{subscription.pk}/change/", {"status": "active"}).status_code == 403
    assert back_office.get(f"{PLANS}{subscription.plan_id}/delete/").status_code == 403


def test_teachers_see_none_of_it(asha: CustomUser) -> None:
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(asha)
    for page in (PLANS, SUBSCRIPTIONS):
        assert client.get(page).status_code == 403
