"""Calls in the back office: for admins to read, summed by day and model; old ones are forgotten."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from chatbot.models import ProviderCall
from chatbot.providers.tasks import forget_provider_calls

pytestmark = pytest.mark.django_db
PAGE = "/admin/chatbot/providercall/"


def make_call(*, days_ago: int = 0, user: CustomUser | None = None, model: str = "model-1", cost: int = 0) -> None:
    ProviderCall.objects.create(
        user=user,
        purpose="answer",
        provider="openai",
        model=model,
        outcome="answered",
        prompt_tokens=1000,
        completion_tokens=10,
        cost_micros=cost,
        started_at=timezone.now() - timedelta(days=days_ago),
    )


@pytest.fixture
def back_office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def test_sums_by_day_and_model_stand_above_the_list(back_office: Client) -> None:
    for cost in (1_200_000, 300_000):
        make_call(cost=cost)
    make_call(model="model-2", cost=7)
    make_call(days_ago=40, cost=9_000_000)
    answer = back_office.get(PAGE)
    rows = [row[1:] for row in (answer.context_data or {})["totals"]]
    assert rows == [["model-1", 2, 2000, 20, "1.5000"], ["model-2", 1, 1000, 10, "0.0000"]]
    assert "1.5000" in answer.content.decode()
    assert "9.0000" in answer.content.decode(), "the old one is in the list"


def test_the_list_costs_the_same_for_one_and_for_three(back_office: Client, bilal: CustomUser) -> None:
    make_call(user=bilal)
    back_office.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        back_office.get(PAGE)
    for days in (1, 2):
        make_call(days_ago=days, user=bilal, model=f"model-{days + 1}")
    with CaptureQueriesContext(connection) as three:
        assert back_office.get(PAGE).status_code == 200
    assert len(three) <= len(one)


def test_nobody_writes_a_call_and_only_admins_read_them(back_office: Client, asha: CustomUser) -> None:
    make_call()
    call = ProviderCall.objects.get()
    assert back_office.get(f"{PAGE}{call.pk}/change/").status_code == 200
    assert back_office.get(f"{PAGE}add/").status_code == 403
    assert back_office.post(f"{PAGE}{call.pk}/delete/", {"post": "yes"}).status_code == 403
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    asha.groups.add(Group.objects.get(name="instructor"))
    client = Client()
    client.force_login(asha)
    assert client.get(PAGE).status_code == 403


def test_calls_older_than_four_hundred_days_are_forgotten() -> None:
    for days in (1, 399, 401):
        make_call(days_ago=days)
    assert forget_provider_calls() == 1
    assert ProviderCall.objects.count() == 2
