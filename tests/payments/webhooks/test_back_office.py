"""The inbox in the admin: to look at, and to try again."""

import pytest
from django.test import Client

from accounts.models import CustomUser
from payments.models import Payment, WebhookEvent
from payments.webhooks.tasks import sweep_webhook_events
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.webhooks.told import bring, changed

pytestmark = pytest.mark.django_db
LIST = "/admin/payments/webhookevent/"


@pytest.fixture
def office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def test_event_is_shown_readably_and_cannot_be_written(
    razorpay: RazorpayServer, order: Payment, office: Client
) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    event = bring("evt_1", changed(razorpay.events[0][1], "payment", notes={"x": "<script>\\u0000\ud800"}))
    shown = office.get(f"{LIST}{event.pk}/change/").content.decode()
    assert "&quot;account_id&quot;: &quot;acc_server&quot;,\n" in shown
    assert "<script>\\" not in shown
    assert 'name="_save"' not in shown
    assert office.post(f"{LIST}{event.pk}/change/", {"state": "received"}).status_code == 403
    assert office.get(f"{LIST}add/").status_code == 403
    assert office.get(LIST, {"state__exact": "processed", "q": "evt"}).status_code == 200


def test_refused_event_is_tried_again(razorpay: RazorpayServer, order: Payment, office: Client) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    Payment.objects.update(currency="USD")
    event = bring(*razorpay.event("payment.captured"))
    assert event.state == "refused"
    Payment.objects.update(currency="INR")
    office.post(LIST, {"action": "try_again", "_selected_action": [event.pk]})
    sweep_webhook_events()
    assert WebhookEvent.objects.get().state == "processed"
