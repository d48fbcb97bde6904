"""Getting one's invoice and credit notes, and nobody else's."""

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from payments.invoices.pdf import render_invoice
from payments.models import Invoice
from tests.conftest import ClientFor
from tests.payments.invoices.sales import captured, given_back, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(bilal: CustomUser) -> Invoice:
    return sold(bilal)


def address(payment_id: int, refund_id: int | None = None) -> str:
    asked = "" if refund_id is None else f"?credit_note={refund_id}"
    return f"/api/payments/payments/{payment_id}/invoice/{asked}"


def test_an_own_invoice_is_a_file_named_after_its_number(invoice: Invoice, bilals: APIClient) -> None:
    answer = bilals.get(address(invoice.payment_id))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="IN-26-27-000001.pdf"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content == render_invoice(Invoice.objects.get())


@pytest.mark.parametrize("accepts", ["application/pdf", "text/html", "*/*"])
def test_it_is_a_pdf_and_an_error_is_json_whatever_is_accepted(
    accepts: str, invoice: Invoice, bilals: APIClient
) -> None:
    assert bilals.get(address(invoice.payment_id), headers={"Accept": accepts}).content.startswith(b"%PDF-")
    assert bilals.get(address(0), headers={"Accept": accepts}).json()["errors"][0]["code"] == "not_found"


def test_the_credit_note_of_a_refund_is_asked_for_by_the_refund(invoice: Invoice, bilals: APIClient) -> None:
    first, second = given_back(invoice, 100), given_back(invoice, 200)
    for note in (first, second):
        answer = bilals.get(address(invoice.payment_id, note.refund_id))
        assert answer.headers["Content-Disposition"].endswith(f'"{note.number.replace("/", "-")}.pdf"')
    absent = (second.refund_id or 0) + 1
    assert bilals.get(address(invoice.payment_id, absent)).status_code == 404
    assert bilals.get(address(invoice.payment_id) + "?credit_note=x").status_code == 400


def test_nobody_gets_what_is_somebody_elses(
    invoice: Invoice, chitra: CustomUser, admin: CustomUser, anonymous: APIClient, client_for: ClientFor
) -> None:
    note = given_back(invoice, 100)
    others = sold(chitra)
    for stranger in (client_for(chitra), client_for(admin)):
        assert stranger.get(address(invoice.payment_id)).status_code == 404
        assert stranger.get(address(invoice.payment_id, note.refund_id)).status_code == 404
    # Nor through a payment of one's own.
    own = client_for(chitra).get(address(others.payment_id, note.refund_id))
    assert own.status_code == 404
    assert anonymous.get(address(invoice.payment_id)).status_code == 401


def test_what_was_not_invoiced_is_not_there(bilal: CustomUser, bilals: APIClient) -> None:
    assert bilals.get(address(captured(bilal, amount=0).pk)).status_code == 404


def test_the_schema_says_that_it_is_a_file(anonymous: APIClient) -> None:
    paths = anonymous.get("/api/schema/").json()["paths"]
    answer = paths["/api/payments/payments/{id}/invoice/"]["get"]["responses"]["200"]
    assert answer["content"] == {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
