"""What a person does at the sandbox in place of a buyer, a bank, and time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict, NotThere
from payments.gateways.models import SandboxObject
from payments.gateways.sandbox import SandboxGateway, sandbox_desk
from payments.gateways.simulator.desk import Entity, WireError
from payments.gateways.simulator.orders import Outcome, pay_order
from payments.gateways.simulator.refunds import finish_refund
from payments.gateways.simulator.subscriptions import charge_cycle, fail_cycle, pay_subscription

#: A refund is under way for so long before the sweep sees to it; its own webhook is quicker as a rule.
_REFUND_TAKES = timedelta(seconds=5)


class NothingToPay(Conflict):
    """It is paid already, or was cancelled."""

    code = "nothing_to_pay"
    message = _("There is nothing to pay here any more.")


@dataclass(frozen=True, slots=True)
class CheckoutAnswer:
    """What Razorpay's checkout hands the app. ``signature`` is empty where the payment was declined."""

    paid_id: str
    payment_id: str
    signature: str


def pay_in_sandbox(*, paid_id: str, outcome: Outcome = "success") -> CheckoutAnswer:
    """Play the buyer of an order, or of a subscription: its first cycle, and with each further call the next one.

    Refuses an order that is paid (``NothingToPay``) and, once a key is set, everything (``NotThere``).
    """
    if settings.RAZORPAY_KEY_ID:
        raise NotThere
    try:
        with transaction.atomic():
            payment_id, is_taken = _pay(paid_id, outcome)
    except WireError as refusal:
        raise NothingToPay from refusal
    signature = ""
    if is_taken:
        signature = SandboxGateway.from_settings().checkout_signature(paid_id=paid_id, payment_id=payment_id)
    return CheckoutAnswer(paid_id, payment_id, signature)


def price_in_sandbox(paid_id: str) -> Entity:
    """Return ``amount``, ``currency`` and ``status`` of an order or a subscription. Raises ``NotThere``."""
    found = SandboxObject.objects.filter(object_id=paid_id, kind__in=["order", "subscription"]).first()
    if found is None:
        raise NotThere
    if found.kind == "order":
        return {name: found.body[name] for name in ("amount", "currency", "status")}
    item = SandboxObject.objects.get(kind="plan", object_id=found.body["plan_id"]).body["item"]
    return {"amount": item["amount"], "currency": item["currency"], "status": found.body["status"]}


def finish_sandbox_refund(refund_id: str, *, outcome: Literal["processed", "failed"] = "processed") -> None:
    """The bank is done with the refund; once."""
    with transaction.atomic():
        finish_refund(sandbox_desk(), refund_id, outcome=outcome)


def finish_pending_refunds() -> int:
    """Finish every refund that has been under way for a moment; returns how many."""
    before = int((timezone.now() - _REFUND_TAKES).timestamp())
    pending = SandboxObject.objects.filter(kind="refund", body__status="pending", body__created_at__lte=before)
    ids = list(pending.order_by("id").values_list("object_id", flat=True))
    for refund_id in ids:
        finish_sandbox_refund(refund_id)
    return len(ids)


def _pay(paid_id: str, outcome: Outcome) -> tuple[str, bool]:
    """Return the id of the payment and whether it was taken."""
    desk = sandbox_desk()
    if not paid_id.startswith("sub_"):
        payment = pay_order(desk, paid_id, outcome=outcome)
        return payment["id"], outcome != "failure"
    if desk.found("subscription", paid_id, for_change=True)["status"] == "created":
        return pay_subscription(desk, paid_id, outcome=outcome)["id"], outcome != "failure"
    if outcome == "failure":
        fail_cycle(desk, paid_id)
        return "", False
    return charge_cycle(desk, paid_id)["id"], True
