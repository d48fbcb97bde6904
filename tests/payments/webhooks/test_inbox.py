"""What may come in: one row a signed event, and never an error of ours."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from payments.models import Payment, WebhookEvent
from payments.webhooks.views import MOST_BYTES
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.webhooks.told import WEBHOOK, post, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("razorpay")]
NOTHING_KNOWN = b'{"entity": "event", "event": "settlement.processed", "payload": {}}'


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_signed_event_is_kept_word_for_word() -> None:
    response = post(NOTHING_KNOWN)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    event = WebhookEvent.objects.get()
    assert (event.event_id, event.event, event.gateway) == ("evt_1", "settlement.processed", "razorpay")
    assert event.body.encode() == NOTHING_KNOWN
    assert event.state == "received"


def test_same_id_is_kept_once_and_answered_each_time() -> None:
    other = NOTHING_KNOWN.replace(b"settlement", b"invoice")
    assert [post(body).status_code for body in (NOTHING_KNOWN, NOTHING_KNOWN, other)] == [200, 200, 200]
    assert WebhookEvent.objects.get().body.encode() == NOTHING_KNOWN


def test_without_an_id_the_same_bytes_are_the_same_event() -> None:
    for body in (NOTHING_KNOWN, NOTHING_KNOWN, NOTHING_KNOWN + b" "):
        assert post(body, event_id="").status_code == 200
    assert WebhookEvent.objects.count() == 2
    assert all(event.event_id.startswith("sha256:") for event in WebhookEvent.objects.all())


def test_secret_before_the_last_still_opens(settings: Any) -> None:
    """Razorpay signs what it sends again with the secret that held when it happened."""
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = "new", "old"
    for number, secret in enumerate(["new", "old", "older", ""]):
        response = post(NOTHING_KNOWN, event_id=f"evt_{number}", signature=signed(NOTHING_KNOWN, secret))
        assert response.status_code == (200 if secret in {"new", "old"} else 400)
    assert WebhookEvent.objects.count() == 2


@pytest.mark.parametrize("signature", ["", "0" * 64, "é" * 64, "x" * 5000, signed(NOTHING_KNOWN).upper()])
def test_forged_is_refused(signature: str) -> None:
    assert refusal(post(NOTHING_KNOWN, signature=signature)) == (400, "invalid_signature")
    assert not WebhookEvent.objects.exists()


def test_unsigned_is_refused() -> None:
    assert refusal(Client().post(WEBHOOK, NOTHING_KNOWN, content_type="application/json")) == (400, "invalid_signature")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"event"', b"7", b"{", b"\xff\xfe{}", b'{"a": \x00}', b"[" * 90_000, b"9" * 9_000],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_signed_and_no_event_is_refused(body: bytes) -> None:
    assert refusal(post(body)) == (400, "parse_error")
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "\\u0000", "notes": "\\ud800"}}}}',
        b'{"event": "payment.\\u0000\\ud800", "payload": "\\udfff"}',
        b'{"event": 7, "payload": {"payment": []}}',
        b'{"event": null}',
        b"{}",
        b'{"event": "payment.captured", "payload": {"payment": {"entity": ' + b"[" * 200 + b"]" * 200 + b"}}}",
        b'{"event": "' + b"x" * 500 + b'", "account_id": {}}',
        b'{"event": "payment.captured", "account_id": [], "payload": {"payment": {"entity": {"amount": NaN}}}}',
        b'{"event": "payment.dispute.created", "account_id": 5, "payload": {"dispute": {"entity": {"amount": 1e999}}}}',
    ],
    ids=range(9),
)
def test_strange_events_are_kept_and_come_to_nothing(body: bytes, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert post(body).status_code == 200
    event = WebhookEvent.objects.get()
    assert event.state in {"ignored", "refused"}
    assert event.attempts == 1


def test_too_much_is_not_read() -> None:
    body = b'{"event": "' + b"x" * MOST_BYTES + b'"}'
    assert refusal(post(body)) == (413, "too_large")
    assert post(b'{"event": "' + b"x" * (MOST_BYTES - 13) + b'"}').status_code == 200


@pytest.mark.parametrize("event_id", ["x" * 101, "evt\x00", "evt é", "evt\t1"])
def test_id_that_no_header_holds_is_refused(event_id: str) -> None:
    response = post(NOTHING_KNOWN, event_id=event_id)
    assert response.status_code == 400
    assert not WebhookEvent.objects.exists()


def test_no_cookie_token_or_limit_stands_in_the_way(settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"address": "1/3600", "user": "1/3600"}
    client = Client(enforce_csrf_checks=True, headers={"Authorization": "Bearer nonsense"})
    assert [post(NOTHING_KNOWN, event_id=f"e{n}", client=client).status_code for n in range(4)] == [200] * 4


def test_only_post() -> None:
    assert Client().get(WEBHOOK).status_code == 405


def test_event_is_worked_off_after_the_commit(
    razorpay: RazorpayServer, order: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    event_id, body = razorpay.event("payment.captured")
    with django_capture_on_commit_callbacks() as woken:
        assert post(body, event_id=event_id).status_code == 200
    order.refresh_from_db()
    assert order.status == "created"
    with django_capture_on_commit_callbacks(execute=True):
        for wake in woken:
            wake()
    order.refresh_from_db()
    assert order.status == "captured"


@pytest.mark.django_db(transaction=True)
def test_answer_takes_at_most_four_statements(razorpay: RazorpayServer, order: Payment, tasks_wait: None) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    event_id, body = razorpay.event("payment.captured")
    for _again in range(2):
        with CaptureQueriesContext(connection) as statements:
            assert post(body, event_id=event_id).status_code == 200
        assert len(statements) <= 4, [one["sql"] for one in statements]
    assert WebhookEvent.objects.get().state == "received"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["payment.captured", "order.paid", "refund.processed", "payment.dispute.lost", "subscription.charged", "x"]
)
entities = st.dictionaries(st.sampled_from(["payment", "order", "refund", "dispute", "subscription"]), json_values)


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), event_id=st.text(max_size=120))
def test_no_bytes_make_an_error_of_ours(body: bytes, event_id: str) -> None:
    header = event_id.encode("utf-8", "replace").decode("latin-1")
    assert post(body, event_id=header).status_code < 500


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names, payload=entities | json_values, wrap=st.booleans())
def test_no_payload_makes_an_event_fail(name: str, payload: Any, wrap: bool) -> None:
    """Whatever stands in it, the event is ignored, refused or parked; it is not tried again as a fault of ours."""
    from django.utils import timezone

    from payments.webhooks.services.handlers import handle

    if wrap and isinstance(payload, dict):
        payload = {kind: {"entity": entity} for kind, entity in payload.items()}
    body = json.dumps({"event": name, "payload": payload})
    outcome = handle(WebhookEvent(event=name, body=body), timezone.now())
    assert outcome.state in {"ignored", "refused", "parked"}
