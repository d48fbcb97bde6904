"""A server that speaks Razorpay's documented wire, with the faults of the real world, for tests and by hand.

    python -m tests.payments.razorpay_server --port 9001 \
        --webhook http://127.0.0.1:8000/api/payments/webhooks/razorpay/ --secret whsec

Point ``RAZORPAY_BASE_URL`` at it. Its objects are in memory (``payments/gateways/simulator``). A buyer is played by
``POST /_buyer/pay {"order_id" or "subscription_id", "outcome"}``; see ``_CONTROLS`` for the rest.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from random import Random
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from payments.gateways.simulator import orders, refunds, subscriptions
from payments.gateways.simulator.desk import Desk, Entity, MemoryStore, WireError, error_body
from payments.gateways.simulator.wire import answer
from tests.payments.razorpay_http import Fault, handler_of

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_server", "server-key-secret", "server-webhook-secret"
ACCOUNT_ID = "acc_server"

Sent = tuple[str, bytes, str]


@dataclass
class RazorpayServer:
    """Razorpay on a free port of this machine, while the ``with`` block lasts.

    ``events`` are the webhooks so far, each ``(event_id, body)`` and in the order of what happened; ``deliver`` sends
    them. With ``webhook`` given they are sent by themselves, soon after they happen. ``refunds_wait``: refunds stay
    pending until ``finish_refund``; else they are processed right after the answer.
    """

    faults: list[Fault] = field(default_factory=list)
    webhook: str = ""
    secret: str = WEBHOOK_SECRET
    key: tuple[str, str] = (KEY_ID, KEY_SECRET)
    seed: int = 1
    port: int = 0
    refunds_wait: bool = False
    clock: Callable[[], int] = field(default=lambda: int(time.time()))
    events: list[tuple[str, bytes]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.store = MemoryStore()
        self.desk = Desk(self.store, self.clock, self._tell, ACCOUNT_ID, chance=Random(f"ids {self.seed}"))

    def __enter__(self) -> Self:
        self._http = _Http(("127.0.0.1", self.port), handler_of(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    # What buyers, banks and time do.

    def pay(self, order_id: str, *, outcome: orders.Outcome = "success", even_if_paid: bool = False) -> Entity:
        """Play the buyer; returns what checkout returns, and ``status``. Declined: no signature."""
        with self._lock:
            payment = orders.pay_order(self.desk, order_id, outcome=outcome, even_if_paid=even_if_paid)
        return self._checkout("razorpay_order_id", order_id, payment, f"{order_id}|{payment['id']}")

    def pay_subscription(self, subscription_id: str) -> Entity:
        """Agree to be charged, and pay the first cycle."""
        with self._lock:
            payment = subscriptions.pay_subscription(self.desk, subscription_id)
        message = f"{payment['id']}|{subscription_id}"
        return self._checkout("razorpay_subscription_id", subscription_id, payment, message)

    def charge_cycle(self, subscription_id: str) -> Entity:
        with self._lock:
            return subscriptions.charge_cycle(self.desk, subscription_id)

    def fail_cycle(self, subscription_id: str) -> Entity:
        with self._lock:
            return subscriptions.fail_cycle(self.desk, subscription_id)

    def end_cycle(self, subscription_id: str) -> Entity:
        with self._lock:
            return subscriptions.end_cycle(self.desk, subscription_id)

    def authorize_late(self, payment_id: str) -> Entity:
        with self._lock:
            return orders.authorize_late(self.desk, payment_id)

    def refund_at_dashboard(self, payment_id: str, *, amount: int) -> Entity:
        """Refund as staff does at Razorpay's own dashboard, without us."""
        with self._lock:
            return refunds.create_refund(self.desk, payment_id, {"amount": amount})

    def finish_refund(self, refund_id: str, *, outcome: Literal["processed", "failed"] = "processed") -> Entity:
        with self._lock:
            return refunds.finish_refund(self.desk, refund_id, outcome=outcome)

    def open_dispute(self, payment_id: str) -> Entity:
        with self._lock:
            return refunds.open_dispute(self.desk, payment_id)

    def close_dispute(self, dispute_id: str, *, outcome: refunds.DisputeEnd) -> Entity:
        with self._lock:
            return refunds.close_dispute(self.desk, dispute_id, outcome=outcome)

    # Webhooks.

    def event(self, name: str) -> tuple[str, bytes]:
        """Return the newest event of this name."""
        return next(sent for sent in reversed(self.events) if json.loads(sent[1])["event"] == name)

    def signature(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def signed_events(self, *, duplicates: int = 1, shuffled: bool = False) -> list[Sent]:
        """Return the events as ``(event_id, body, signature)``, each so many times, in order or by the seed's."""
        with self._lock:
            sent = [(event_id, body, self.signature(body)) for event_id, body in self.events] * duplicates
            if shuffled:
                self._random.shuffle(sent)
        return sent

    def deliver(self, address: str = "", *, duplicates: int = 1, shuffled: bool = False) -> list[int]:
        """POST the events so far to ``address`` (or ``webhook``); returns the statuses, 0 for no answer."""
        return self._post_all(self.signed_events(duplicates=duplicates, shuffled=shuffled), address or self.webhook)

    def _post_all(self, sent: Iterable[Sent], address: str) -> list[int]:
        with httpx.Client(timeout=5.0, trust_env=False) as client:
            return [_post(client, address, *one) for one in sent]

    def _tell(self, event_id: str, body: Entity) -> None:
        written = json.dumps(body).encode()
        self.events.append((event_id, written))
        if self.webhook:
            threading.Thread(target=self._send, args=(event_id, written), daemon=True).start()

    def _send(self, event_id: str, body: bytes) -> None:
        """Send one, and again with longer and longer pauses while it is not taken."""
        for pause in (0.2, 1, 5, 25):
            if self._post_all([(event_id, body, self.signature(body))], self.webhook)[0] // 100 == 2:
                return
            if self._stopping.wait(pause):
                return

    # Calls.

    def carry_out(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Entity]:
        """Answer one call of the API."""
        address = urlsplit(target)
        if headers.get("authorization") != _basic(self.key):
            return 401, error_body("BAD_REQUEST_ERROR", "Authentication failed", reason="NA")
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        with self._lock:
            status, answered = answer(self.desk, method, address.path, query=query, headers=headers, body=body)
            if not self.refunds_wait and status == 200 and answered.get("entity") == "refund" and method == "POST":
                refunds.finish_refund(self.desk, answered["id"])
        return status, answered

    def fault_of(self, call: str) -> Fault | None:
        """Return what goes wrong with this call, and count it."""
        with self._lock:
            self.calls.append(call)
            for fault in self.faults:
                if fault.path in call and fault.times != 0 and self._random.random() < fault.chance:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def add_fault(self, **fault: Any) -> Entity:
        """Let this go wrong from now on, as ``Fault`` says."""
        self.faults.append(Fault(**fault))
        return {"faults": len(self.faults)}

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the server stops; say whether it does."""
        return self._stopping.wait(seconds)

    def control(self, path: str, body: Entity) -> tuple[int, Entity]:
        """Carry out a call of the hand's own API."""
        run = _CONTROLS.get(path)
        if run is None:
            return 404, {"error": f"one of {', '.join(_CONTROLS)}"}
        try:
            return 200, run(self, body)
        except (WireError, KeyError, TypeError) as error:
            return 400, {"error": str(error)}

    def _checkout(self, name: str, paid_id: str, payment: Entity, message: str) -> Entity:
        is_taken = payment["status"] != "failed"
        return {
            name: paid_id,
            "razorpay_payment_id": payment["id"],
            "razorpay_signature": _hexdigest(self.key[1], message) if is_taken else "",
            "status": payment["status"],
        }


_CONTROLS: dict[str, Callable[[RazorpayServer, Entity], Entity]] = {
    "/_buyer/pay": lambda server, asked: (
        server.pay_subscription(asked["subscription_id"])
        if "subscription_id" in asked
        else server.pay(asked["order_id"], outcome=asked.get("outcome", "success"))
    ),
    "/_buyer/next_cycle": lambda server, asked: server.charge_cycle(asked["subscription_id"]),
    "/_bank/authorize_late": lambda server, asked: server.authorize_late(asked["payment_id"]),
    "/_bank/dispute": lambda server, asked: server.open_dispute(asked["payment_id"]),
    "/_webhooks/deliver": lambda server, asked: {
        "statuses": server.deliver(duplicates=asked.get("duplicates", 1), shuffled=asked.get("shuffled", False))
    },
    "/_faults": lambda server, asked: server.add_fault(**asked),
}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the default of 5 lets a crowd wait a second for its connections


def _post(client: httpx.Client, address: str, event_id: str, body: bytes, signature: str) -> int:
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": event_id,
        "X-Razorpay-Signature": signature,
    }
    try:
        return client.post(address, content=body, headers=headers).status_code
    except httpx.HTTPError:
        return 0


def _basic(key: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(key).encode()).decode()


def _hexdigest(secret: str, message: str) -> str:
    # Written anew here: the stand-in must not agree with our own code only because it is our own code.
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description="Razorpay's wire on this machine.")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--webhook", default="", help="where to POST webhooks; none are sent without it")
    parser.add_argument("--secret", default=WEBHOOK_SECRET)
    parser.add_argument("--key", default=f"{KEY_ID}:{KEY_SECRET}", help="key id and secret, with a colon")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    key_id, _, key_secret = given.key.partition(":")
    with RazorpayServer(
        webhook=given.webhook, secret=given.secret, key=(key_id, key_secret), port=given.port, seed=given.seed
    ) as server:
        sys.stdout.write(f"Razorpay's wire at {server.url}, key {given.key}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
