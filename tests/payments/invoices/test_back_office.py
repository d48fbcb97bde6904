"""Invoices and the ledger in the admin: to look at and to sum up, for those who may; changed by nobody."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from payments.models import Invoice, LedgerEntry
from tests.factories.people import person
from tests.payments.invoices.sales import given_back, sold

pytestmark = pytest.mark.django_db
INVOICES, LEDGER = "/admin/payments/invoice/", "/admin/payments/ledgerentry/"


@pytest.fixture
def staff(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def totals(client: Client, address: str, **asked: str) -> list[list[Any]]:
    page: Any = client.get(address, asked)
    return [[str(cell) for cell in row] for row in page.context_data["totals"]]


def test_totals_follow_what_was_searched_for(staff: Client, bilal: CustomUser, chitra: CustomUser) -> None:
    given_back(sold(bilal), 11800)
    sold(chitra, amount=11800)
    assert totals(staff, INVOICES) == [
        ["credit note", "1", "₹100.00", "₹9.00", "₹9.00", "₹0.00", "₹118.00"],
        ["invoice", "2", "₹522.88", "₹47.06", "₹47.06", "₹0.00", "₹617.00"],
    ]
    assert totals(staff, INVOICES, q="chitra@") == [
        ["invoice", "1", "₹100.00", "₹9.00", "₹9.00", "₹0.00", "₹118.00"],
    ]
    assert totals(staff, LEDGER) == [
        ["held by the gateway", "₹499.00"],
        ["GST", "−₹76.12"],
        ["revenue", "−₹422.88"],
    ]
    page = staff.get(INVOICES).content.decode()
    assert "₹522.88" in page
    assert totals(staff, INVOICES, q="nobody") == []


@pytest.mark.parametrize("address", [INVOICES, LEDGER])
def test_a_list_costs_the_same_for_one_and_for_three(address: str, staff: Client, bilal: CustomUser) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(address).status_code == 200
        return len(seen)

    sold(bilal)
    statements()  # content types are looked up once a process
    one = statements()
    sold(bilal)
    sold(bilal)
    assert statements() <= one


@pytest.mark.parametrize("model", [Invoice, LedgerEntry])
def test_rows_are_shown_and_changed_by_nobody(model: Any, staff: Client, bilal: CustomUser) -> None:
    sold(bilal)
    row, before = model.objects.first(), list(model.objects.values_list())
    page = f"/admin/payments/{model._meta.model_name}/{row.pk}/"
    assert staff.get(f"{page}change/").status_code == 200
    assert staff.post(f"{page}change/", {"amount_paise": 1, "total_paise": 1}).status_code == 403
    assert staff.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"/admin/payments/{model._meta.model_name}/add/").status_code == 403
    assert list(model.objects.values_list()) == before


def test_the_pdf_is_linked_in_the_list_and_for_those_who_may_see_it(staff: Client, bilal: CustomUser) -> None:
    invoice = sold(bilal)
    pdf = f"{INVOICES}{invoice.pk}/pdf/"
    assert f'href="{pdf}"' in staff.get(INVOICES).content.decode()
    assert staff.get(pdf).content.startswith(b"%PDF-")
    assert staff.get(f"{INVOICES}{invoice.pk + 1}/pdf/").status_code == 404
    assert staff.get(f"{INVOICES}x/pdf/").status_code == 404
    assert Client().get(pdf).status_code == 302
    teacher = Client()
    teacher.force_login(teaching := person("dev", role="instructor", is_staff=True))
    teaching.groups.add(Group.objects.get(name="instructor"))
    assert teacher.get(pdf).status_code == 403
