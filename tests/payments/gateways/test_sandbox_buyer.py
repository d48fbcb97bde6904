"""The person who plays the buyer: at the endpoint for their own orders, and on the page by its signed address."""

import re
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from payments.gateways import gateway
from payments.gateways.sandbox import sandbox_page_url
from payments.models import Payment, Subscription
from tests.conftest import ClientFor
from tests.payments.factories import make_order, make_plan, paid_course
from tests.payments.gateways.bought import ordered, subscribed, told

pytestmark = pytest.mark.django_db
PAY = "/api/payments/sandbox/pay/"


@pytest.fixture
def order(asha: CustomUser, bilal: CustomUser) -> Payment:
    """Bilal's open order of a course, which the sandbox knows."""
    return make_order(bilal, paid_course(asha), razorpay_order_id=ordered())


# --- the endpoint ----------------------------------------------------------------------------------


def test_the_buyer_pays_their_own_order(client_for: ClientFor, bilal: CustomUser, order: Payment) -> None:
    answer = client_for(bilal).post(PAY, {"razorpay_order_id": order.razorpay_order_id})
    assert answer.status_code == 200
    assert set(answer.json()) == {"razorpay_order_id", "razorpay_payment_id", "razorpay_signature"}
    assert gateway().is_checkout_signature_valid(
        order_id=str(order.razorpay_order_id),
        payment_id=answer.json()["razorpay_payment_id"],
        signature=answer.json()["razorpay_signature"],
    )
    again = client_for(bilal).post(PAY, {"razorpay_order_id": order.razorpay_order_id})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "nothing_to_pay")


def test_a_repeated_call_gets_the_first_answer(client_for: ClientFor, bilal: CustomUser, order: Payment) -> None:
    client = client_for(bilal)
    body, key = {"razorpay_order_id": order.razorpay_order_id}, {"Idempotency-Key": "one"}
    assert client.post(PAY, body, headers=key).json() == client.post(PAY, body, headers=key).json()


@pytest.mark.parametrize("outcome", ["failure", "authorize"])
def test_the_buyer_may_be_declined_or_only_authorised(
    client_for: ClientFor, bilal: CustomUser, order: Payment, outcome: str
) -> None:
    answer = client_for(bilal).post(PAY, {"razorpay_order_id": order.razorpay_order_id, "outcome": outcome})
    assert answer.status_code == 200
    assert bool(answer.json()["razorpay_signature"]) is (outcome == "authorize")
    expected = {"failure": "failed", "authorize": "authorized"}[outcome]
    assert gateway().payment(answer.json()["razorpay_payment_id"]).status == expected


def test_the_buyer_agrees_to_their_own_subscription(
    client_for: ClientFor, bilal: CustomUser, chitra: CustomUser
) -> None:
    subscription_id = subscribed()
    Subscription.objects.create(
        user=bilal, plan=make_plan(), gateway="sandbox", receipt="s-1", razorpay_subscription_id=subscription_id
    )
    assert client_for(chitra).post(PAY, {"razorpay_subscription_id": subscription_id}).status_code == 404
    answer = client_for(bilal).post(PAY, {"razorpay_subscription_id": subscription_id})
    assert answer.status_code == 200
    assert answer.json()["razorpay_subscription_id"] == subscription_id
    assert gateway().subscription(subscription_id).status == "active"


def test_somebody_elses_order_and_none_are_not_there(client_for: ClientFor, chitra: CustomUser, order: Payment) -> None:
    for order_id in (order.razorpay_order_id, "order_DaZlswtdcn9UNV"):
        assert client_for(chitra).post(PAY, {"razorpay_order_id": order_id}).status_code == 404
    assert told() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"razorpay_order_id": "order_1", "razorpay_subscription_id": "sub_1"},
        {"razorpay_order_id": "o" * 41},
        {"razorpay_order_id": "order_1", "outcome": "gift"},
        {"razorpay_order_id": ["order_1"]},
    ],
)
def test_a_malformed_call_is_refused(client_for: ClientFor, bilal: CustomUser, body: dict[str, Any]) -> None:
    assert client_for(bilal).post(PAY, body).status_code == 400


def test_once_a_key_is_set_nothing_of_it_is_there(
    client_for: ClientFor, bilal: CustomUser, order: Payment, settings: Any
) -> None:
    page = sandbox_page_url(str(order.razorpay_order_id))
    assert page
    settings.RAZORPAY_KEY_ID = "rzp_test_1"
    assert client_for(bilal).post(PAY, {"razorpay_order_id": order.razorpay_order_id}).status_code == 404
    assert Client().get(path_of(page)).status_code == 404
    assert sandbox_page_url(str(order.razorpay_order_id)) is None


# --- the page --------------------------------------------------------------------------------------


def path_of(address: str | None) -> str:
    assert address
    return address.removeprefix("http://127.0.0.1:8000")


def press(browser: Client, path: str, outcome: str) -> Any:
    """Open the page and press one of its buttons, as a browser would."""
    opened = browser.get(path)
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', opened.content.decode())
    assert f'value="{outcome}"' in opened.content.decode()
    return browser.post(path, {"csrfmiddlewaretoken": token, "outcome": outcome})


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def test_the_page_says_what_is_bought_and_opening_it_pays_nothing(browser: Client, order: Payment) -> None:
    opened = browser.get(path_of(sandbox_page_url(str(order.razorpay_order_id))))
    page = opened.content.decode()
    assert "Spoken English" in page
    assert "499.00 INR" in page
    assert "no-store" in opened.headers["Cache-Control"]
    assert "http" not in page.replace("http-equiv", "")
    assert told() == []


def test_paying_on_the_page_shows_what_checkout_hands_the_app(browser: Client, order: Payment) -> None:
    path = path_of(sandbox_page_url(str(order.razorpay_order_id)))
    page = press(browser, path, "success").content.decode()
    [payment] = gateway().payments_of_order(str(order.razorpay_order_id))
    [signature] = re.findall(r"<dt>razorpay_signature</dt><dd>(\w+)</dd>", page)
    assert payment.id in page
    assert gateway().is_checkout_signature_valid(
        order_id=str(order.razorpay_order_id), payment_id=payment.id, signature=signature
    )
    again = browser.post(path, {"outcome": "success", "csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
    assert again.status_code == 409
    assert b"nothing to pay" in again.content


def test_the_other_buttons_decline_and_authorise(browser: Client, order: Payment) -> None:
    path = path_of(sandbox_page_url(str(order.razorpay_order_id)))
    assert b"declined" in press(browser, path, "failure").content
    assert b"razorpay_signature" in press(browser, path, "authorize").content
    statuses = [payment.status for payment in gateway().payments_of_order(str(order.razorpay_order_id))]
    assert statuses == ["authorized", "failed"]


def test_a_subscription_has_its_page_at_the_address_the_gateway_gives(browser: Client, bilal: CustomUser) -> None:
    subscription_id = subscribed()
    Subscription.objects.create(
        user=bilal, plan=make_plan(), gateway="sandbox", receipt="s-1", razorpay_subscription_id=subscription_id
    )
    path = path_of(gateway().subscription(subscription_id).short_url)
    opened = browser.get(path).content.decode()
    assert "Premium" in opened
    assert "299.00 INR" in opened
    assert "authorize" not in opened
    press(browser, path, "success")
    assert gateway().subscription(subscription_id).status == "active"


def test_the_page_speaks_the_readers_language(browser: Client, order: Payment) -> None:
    opened = browser.get(path_of(sandbox_page_url(str(order.razorpay_order_id))), headers={"Accept-Language": "hi"})
    assert '<html lang="hi">' in opened.content.decode()


def test_an_unknown_button_pays_nothing(browser: Client, order: Payment) -> None:
    path = path_of(sandbox_page_url(str(order.razorpay_order_id)))
    browser.get(path)
    for outcome in ("", "gift"):
        answer = browser.post(path, {"outcome": outcome, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
        assert answer.status_code == 400
    assert told() == []


def test_another_site_presses_no_button(browser: Client, order: Payment) -> None:
    path = path_of(sandbox_page_url(str(order.razorpay_order_id)))
    assert browser.post(path, {"outcome": "success"}).status_code == 403
    assert told() == []


def test_an_address_that_was_changed_made_up_or_is_old_leads_nowhere(
    browser: Client, order: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(sandbox_page_url(str(order.razorpay_order_id)))
    made_up = reverse("sandbox-page", args=[signing.dumps(order.razorpay_order_id)])
    unknown = path_of(sandbox_page_url("order_DaZlswtdcn9UNV"))
    for wrong in (path.replace("/sandbox/I", "/sandbox/J"), made_up, unknown):
        assert browser.get(wrong).status_code == 404
    present = signing.time.time()  # type: ignore[attr-defined]  # the clock of the signatures
    monkeypatch.setattr("django.core.signing.time.time", lambda: present + 24 * 3600 + 60)
    assert browser.get(path).status_code == 404
