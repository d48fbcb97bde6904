"""Staff decide and make refunds in the admin; those who are no admins don't get there."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from payments.models import Payment, RefundRequest
from payments.refunds.services import approve_refund, reject_refund
from tests.factories.people import person
from tests.payments.factories import PRICE_PAISE, paid_course, refund_told
from tests.payments.refunds.paid import asked_back, paid_for, standing, tell

pytestmark = pytest.mark.django_db
LIST = "/admin/payments/refundrequest/"
BUTTON = "payments_refundrequest_{}"


@pytest.fixture
def payment(asha: CustomUser, bilal: CustomUser) -> Payment:
    return paid_for(bilal, paid_course(asha))


@pytest.fixture
def office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page(refund: RefundRequest) -> str:
    return f"{LIST}{refund.pk}/change/"


def press(office: Client, refund: RefundRequest, button: str, notes: str = "") -> Any:
    return office.post(page(refund), {"admin_notes": notes, BUTTON.format(button): "1"})


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_approve_with_a_note(office: Client, payment: Payment, admin: CustomUser) -> None:
    refund = asked_back(payment)
    shown = office.get(page(refund)).content.decode()
    assert BUTTON.format("approve") in shown
    assert BUTTON.format("send_again") not in shown
    assert 'name="_save"' not in shown
    assert press(office, refund, "approve", "With pleasure.").status_code == 302
    refund.refresh_from_db()
    assert (refund.status, refund.decided_by, refund.admin_notes) == ("approved", admin, "With pleasure.")


@pytest.mark.parametrize("name", ["abc", "9" * 30])
def test_an_address_that_names_no_refund_leads_to_the_index(office: Client, name: str) -> None:
    assert office.get(f"{LIST}{name}/change/").status_code == 302


def test_reject_with_a_note(office: Client, payment: Payment) -> None:
    refund = asked_back(payment)
    told = said(press(office, refund, "reject", "You have seen it all."))
    assert "(rejected)" in told[0]
    refund.refresh_from_db()
    assert (refund.status, refund.admin_notes) == ("rejected", "You have seen it all.")
    assert standing(payment) == ("captured", 0, 0)


def test_notes_alone_decide_nothing(office: Client, payment: Payment) -> None:
    refund = asked_back(payment)
    office.post(page(refund), {"admin_notes": "Hm.", "_save": "1"})
    refund.refresh_from_db()
    assert (refund.status, refund.admin_notes) == ("requested", "")


def test_somebody_else_was_quicker(office: Client, payment: Payment, admin: CustomUser) -> None:
    refund = asked_back(payment)
    reject_refund(refund_id=refund.pk, staff=admin, notes="No.", at=timezone.now())
    assert press(office, refund, "approve").status_code == 403
    refund.refresh_from_db()
    assert refund.status == "rejected"


def test_failed_refund_is_sent_again(office: Client, payment: Payment, admin: CustomUser) -> None:
    refund = approve_refund(refund_id=asked_back(payment).pk, staff=admin, notes="", at=timezone.now())
    tell(refund_told(refund, "failed"))
    assert BUTTON.format("send_again") in office.get(page(refund)).content.decode()
    press(office, refund, "send_again", "Once more.")
    refund.refresh_from_db()
    assert (refund.status, refund.admin_notes) == ("approved", "Once more.")


def test_failed_refund_whose_money_is_gone_says_so(office: Client, payment: Payment, admin: CustomUser) -> None:
    refund = approve_refund(refund_id=asked_back(payment).pk, staff=admin, notes="", at=timezone.now())
    tell(refund_told(refund, "failed"))
    asked_back(payment)
    response = press(office, refund, "send_again")
    assert response.status_code == 302
    assert said(response) == ["A refund of this payment was asked for already."]
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_what_is_decided_is_only_shown(office: Client, payment: Payment, admin: CustomUser) -> None:
    refund = approve_refund(refund_id=asked_back(payment).pk, staff=admin, notes="", at=timezone.now())
    shown = office.get(page(refund)).content.decode()
    assert BUTTON.format("approve") not in shown
    assert 'name="admin_notes"' not in shown
    assert office.post(f"{LIST}{refund.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("amount", "paise"), [("", PRICE_PAISE), ("100.50", 10_050)])
def test_staff_make_a_refund(
    office: Client, payment: Payment, admin: CustomUser, settings: Any, amount: str, paise: int
) -> None:
    settings.REFUND_WINDOW_DAYS = 0
    assert 'name="amount"' in office.get(f"{LIST}add/").content.decode()
    response = office.post(f"{LIST}add/", {"payment": payment.pk, "amount": amount, "reason": "Goodwill."})
    assert response.status_code == 302, response.content.decode()
    refund = RefundRequest.objects.get()
    assert (refund.origin, refund.status, refund.amount_paise, refund.reason) == (
        "staff",
        "approved",
        paise,
        "Goodwill.",
    )
    assert refund.decided_by == admin


@pytest.mark.parametrize("amount", ["0", "-5", "1.001", "much"])
def test_staff_cannot_type_nonsense(office: Client, payment: Payment, amount: str) -> None:
    response = office.post(f"{LIST}add/", {"payment": payment.pk, "amount": amount, "reason": "Goodwill."})
    assert response.status_code == 200
    assert not RefundRequest.objects.exists()


def test_staff_cannot_give_back_more_than_was_paid(office: Client, payment: Payment) -> None:
    response = office.post(f"{LIST}add/", {"payment": payment.pk, "amount": "499.01", "reason": "Goodwill."})
    assert response.status_code == 302
    assert said(response) == ["This is more than what is left of the payment."]
    assert not RefundRequest.objects.exists()


def test_staff_leave_no_crumbs(office: Client, payment: Payment) -> None:
    response = office.post(f"{LIST}add/", {"payment": payment.pk, "amount": "498.50", "reason": "Goodwill."})
    assert said(response) == [
        "A refund is of ₹1.00 or more, and leaves nothing or ₹1.00 or more of the payment.",
    ]
    assert not RefundRequest.objects.exists()


def in_the_office(person: CustomUser, group: str) -> Client:
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    person.groups.set([Group.objects.get(name=group)])
    client = Client()
    client.force_login(person)
    return client


def test_finance_decides(chitra: CustomUser, payment: Payment) -> None:
    refund = asked_back(payment)
    assert press(in_the_office(chitra, "finance"), refund, "approve", "With pleasure.").status_code == 302
    refund.refresh_from_db()
    assert (refund.status, refund.decided_by) == ("approved", chitra)


def test_support_reads_and_decides_nothing(chitra: CustomUser, payment: Payment) -> None:
    refund, client = asked_back(payment), in_the_office(chitra, "support")
    shown = client.get(page(refund)).content.decode()
    assert "499.00" in shown
    assert BUTTON.format("approve") not in shown
    assert press(client, refund, "approve").status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    refund.refresh_from_db()
    assert refund.status == "requested"


@pytest.mark.parametrize("group", ["instructor", "moderator"])
def test_instructors_and_moderators_see_no_money(group: str, asha: CustomUser, payment: Payment) -> None:
    refund, client = asked_back(payment), in_the_office(asha, group)
    pages = ("payment", "coupon", "plan", "subscription", "invoice", "ledgerentry", "webhookevent", "refundrequest")
    for address in (f"{LIST}add/", page(refund), *(f"/admin/payments/{name}/" for name in pages)):
        assert client.get(address).status_code == 403, address
    assert press(client, refund, "approve").status_code == 403
    refund.refresh_from_db()
    assert refund.status == "requested"


@pytest.mark.parametrize(("verb", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_several_are_decided_at_once(
    office: Client, asha: CustomUser, bilal: CustomUser, verb: str, status: str
) -> None:
    refunds = [asked_back(paid_for(bilal, paid_course(asha, title=f"Course {n}"))) for n in range(3)]
    reject_refund(refund_id=refunds[0].pk, staff=person("other", role="admin"), notes="No.", at=timezone.now())
    chosen = {"action": f"{verb}_chosen", "_selected_action": [refund.pk for refund in refunds]}
    assert said(office.post(LIST, chosen)) == [
        f"{refunds[0].pk}: This refund was decided already.",
        "2 refunds decided.",
    ]
    assert list(RefundRequest.objects.order_by("pk").values_list("status", flat=True)) == ["rejected", status, status]
