"""The sandbox's webhooks reach an endpoint over real HTTP: signed, at least once, tried again while refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.gateways import gateway
from payments.gateways.buying import pay_in_sandbox
from payments.gateways.delivering import deliver
from payments.gateways.tasks import deliver_sandbox_event, sweep_sandbox
from payments.models import SandboxDelivery
from tests.crowd import all_at_once
from tests.payments.inbox import Inbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nobody_listens(settings: Any) -> None:
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:1/"


def paid() -> str:
    order = gateway().create_order(amount_paise=49_900, currency="INR", receipt="r-1", notes={})
    return pay_in_sandbox(paid_id=order.id).payment_id


def make_due() -> None:
    SandboxDelivery.objects.update(next_attempt_at=timezone.now())


def states() -> set[str]:
    return set(SandboxDelivery.objects.values_list("state", flat=True))


def test_what_happens_is_delivered_after_the_commit_and_signed(settings: Any) -> None:
    with Inbox() as inbox:
        settings.SANDBOX_WEBHOOK_URL = inbox.address
        payment_id = paid()
    assert [json.loads(body)["event"] for _, body, _ in inbox.taken] == [
        "payment.authorized",
        "payment.captured",
        "order.paid",
    ]
    for event_id, body, signature in inbox.taken:
        assert gateway().is_webhook_signature_valid(body, signature)
        assert json.loads(body)["payload"]["payment"]["entity"]["id"] == payment_id
        assert SandboxDelivery.objects.get(event_id=event_id).state == "delivered"


def test_a_refund_is_processed_after_it_was_told(settings: Any) -> None:
    with Inbox() as inbox:
        settings.SANDBOX_WEBHOOK_URL = inbox.address
        payment_id = paid()
        gateway().refund(payment_id, amount_paise=100, idempotency_key="refund-0001", receipt="r", notes={})
    assert [json.loads(body)["event"] for _, body, _ in inbox.taken[3:]] == ["refund.created", "refund.processed"]
    assert gateway().refunds_of_payment(payment_id)[0].status == "processed"


def test_a_refund_is_processed_also_where_nobody_listens(nobody_listens: None) -> None:
    payment_id = paid()
    gateway().refund(payment_id, amount_paise=100, idempotency_key="refund-0001", receipt="r", notes={})
    assert gateway().refunds_of_payment(payment_id)[0].status == "processed"


def test_what_was_refused_waits_longer_each_time_and_is_swept_up(settings: Any) -> None:
    with Inbox(refusals=6) as inbox:
        settings.SANDBOX_WEBHOOK_URL = inbox.address
        paid()
        waits = []
        for _ in range(2):
            assert sweep_sandbox() == (3 if waits else 0)  # none is due before its time
            waits.append(min(SandboxDelivery.objects.values_list("next_attempt_at", flat=True)) - timezone.now())
            make_due()
        assert timedelta(seconds=2) < waits[0] < timedelta(seconds=6) < waits[1] < timedelta(seconds=11)
        assert sweep_sandbox() == 3
        assert states() == {"delivered"}
        assert sweep_sandbox() == 0
    assert len(inbox.taken) == 3


def test_after_a_day_it_is_given_up(nobody_listens: None) -> None:
    paid()
    SandboxDelivery.objects.update(created_at=timezone.now() - timedelta(hours=25))
    make_due()
    sweep_sandbox()
    assert states() == {"given_up"}
    make_due()
    assert sweep_sandbox() == 0


def send_at_once(settings: Any) -> None:
    paid()
    make_due()
    with Inbox() as inbox:
        settings.SANDBOX_WEBHOOK_URL = inbox.address
        ids = SandboxDelivery.objects.values_list("id", flat=True)
        all_at_once(*[lambda pk=pk: deliver(pk) for pk in ids for _ in range(3)])
    assert len(inbox.taken) == 3


def test_senders_at_once_send_it_once(settings: Any, nobody_listens: None) -> None:
    send_at_once(settings)


def test_senders_at_once_send_it_again_without_the_claim(
    settings: Any, nobody_listens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.gateways.delivering._CLAIM", timedelta(0))
    with pytest.raises(AssertionError):
        send_at_once(settings)


def test_a_delivery_that_is_gone_is_nobodys_trouble() -> None:
    deliver_sandbox_event(2**31)
    assert states() == set()
