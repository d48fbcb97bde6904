"""Plans and subscriptions, and the months that pass over them."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from payments.gateways.simulator.desk import (
    Body,
    Desk,
    Entity,
    WireError,
    amount_in,
    currency_in,
    notes_in,
    only,
    whole_number_in,
)
from payments.gateways.simulator.orders import Outcome, create_order, pay_order

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_DAYS = {"daily": 1, "weekly": 7}
_LEAST_DAILY_INTERVAL = 7
#: A failed charge is tried on four days in all; then the subscription is halted.
_MOST_FAILURES = 4
_LIVING = frozenset({"authenticated", "active", "pending", "halted", "paused"})
_ITEM_FIELDS = ("name", "amount", "currency", "description")
_SUBSCRIPTION_FIELDS = (
    "plan_id",
    "total_count",
    "quantity",
    "start_at",
    "expire_by",
    "customer_notify",
    "addons",
    "offer_id",
    "notes",
    "customer_id",
)


def create_plan(desk: Desk, body: Body) -> Entity:
    only(body, allowed=("period", "interval", "item", "notes"), required=("period", "interval", "item"))
    period, item = body["period"], body["item"]
    if period not in _MONTHS.keys() | _DAYS.keys():
        raise WireError("Not a valid period.", field="period")
    if not isinstance(item, dict):
        raise WireError("The item must be an array.", field="item")
    only(item, allowed=_ITEM_FIELDS, required=("name", "amount", "currency"))
    plan = {
        "id": desk.new_id("plan_"),
        "entity": "plan",
        "interval": whole_number_in(body, "interval", least=_LEAST_DAILY_INTERVAL if period == "daily" else 1),
        "period": period,
        "item": _new_item(desk, item),
        "notes": notes_in(body),
        "created_at": desk.now(),
    }
    desk.store.add("plan", plan)
    return plan


def create_subscription(desk: Desk, body: Body) -> Entity:
    only(body, allowed=_SUBSCRIPTION_FIELDS, required=("plan_id", "total_count"))
    desk.found("plan", body["plan_id"])
    total = whole_number_in(body, "total_count")
    subscription_id = desk.new_id("sub_")
    subscription = {
        "id": subscription_id,
        "entity": "subscription",
        "plan_id": body["plan_id"],
        "customer_id": None,
        "status": "created",
        **dict.fromkeys(("current_start", "current_end", "ended_at", "charge_at", "start_at", "end_at", "expire_by")),
        "quantity": whole_number_in(body, "quantity", default=1),
        "notes": notes_in(body),
        "auth_attempts": 0,
        "total_count": total,
        "paid_count": 0,
        "remaining_count": total,
        "customer_notify": bool(body.get("customer_notify", True)),
        "offer_id": None,
        "short_url": desk.short_url(subscription_id),
        "has_scheduled_changes": False,
        "change_scheduled_at": None,
        "source": "api",
        "payment_method": None,
        "created_at": desk.now(),
    }
    desk.store.add("subscription", subscription)
    return subscription


def pay_subscription(desk: Desk, subscription_id: str, *, outcome: Outcome = "success") -> Entity:
    """The buyer agrees to be charged, and the first cycle is charged at once, or declined. Returns the payment."""
    subscription = desk.found("subscription", subscription_id, for_change=True)
    if subscription["status"] != "created":
        raise WireError("This subscription is already authenticated.", reason="invalid_state")
    if outcome == "failure":
        return _pay_invoice(desk, subscription, outcome="failure")
    end = _after(subscription, desk, desk.now(), subscription["total_count"])
    subscription |= {"status": "authenticated", "start_at": desk.now(), "end_at": end, "auth_attempts": 1}
    subscription |= {"customer_id": desk.new_id("cust_"), "payment_method": "upi"}
    desk.store.put("subscription", subscription)
    desk.event("subscription.authenticated", subscription=subscription)
    return charge_cycle(desk, subscription_id)


def charge_cycle(desk: Desk, subscription_id: str) -> Entity:
    """The next cycle begins and is paid; the last one completes the subscription. Returns the payment.

    The payment has an order and an invoice of Razorpay's own, and events of its own.
    """
    subscription = _living(desk, subscription_id)
    if subscription["status"] not in ("authenticated", "active", "pending"):
        raise WireError(f"Subscription is {subscription['status']}.", reason="invalid_state")
    payment = _pay_invoice(desk, subscription)
    began = subscription["current_end"] or desk.now()
    was, paid = subscription["status"], subscription["paid_count"] + 1
    end = _after(subscription, desk, began, 1)
    subscription |= {
        "status": "active",
        "current_start": began,
        "current_end": end,
        "charge_at": end,
        "paid_count": paid,
        "remaining_count": subscription["total_count"] - paid,
        "_failures": 0,
    }
    desk.store.put("subscription", subscription)
    if was == "authenticated":
        desk.event("subscription.activated", subscription=subscription, payment=payment)
    desk.event("subscription.charged", subscription=subscription, payment=payment)
    if not subscription["remaining_count"]:
        _end(desk, subscription, "completed")
    return payment


def fail_cycle(desk: Desk, subscription_id: str) -> Entity:
    """The next charge fails: pending, and after some days of trying halted. Returns the subscription."""
    subscription = _living(desk, subscription_id)
    failures = subscription.get("_failures", 0) + 1
    status = "halted" if failures >= _MOST_FAILURES else "pending"
    subscription |= {"status": status, "auth_attempts": failures, "_failures": failures}
    desk.store.put("subscription", subscription)
    desk.event(f"subscription.{status}", subscription=subscription)
    return subscription


def end_cycle(desk: Desk, subscription_id: str) -> Entity:
    """The period that is paid runs out: one that was cancelled at its end is over now. Returns the subscription."""
    subscription = _living(desk, subscription_id)
    if not subscription.get("_cancels_at_cycle_end"):
        raise WireError("Subscription goes on.", reason="invalid_state")
    return _end(desk, subscription, "cancelled")


def cancel_subscription(desk: Desk, subscription_id: str, body: Body) -> Entity:
    only(body, allowed=("cancel_at_cycle_end",))
    subscription = desk.found("subscription", subscription_id, for_change=True)
    if subscription["status"] not in _LIVING | {"created"}:
        raise WireError(f"Subscription is not cancellable in {subscription['status']} status.", reason="invalid_state")
    if body.get("cancel_at_cycle_end") in (1, "1", True) and subscription["current_end"]:
        subscription["_cancels_at_cycle_end"] = True
        desk.store.put("subscription", subscription)
        return subscription
    return _end(desk, subscription, "cancelled")


def update_subscription(desk: Desk, subscription_id: str, body: Body) -> Entity:
    """Move it to another plan, at once; what that costs more or less is not worked out here."""
    allowed = ("plan_id", "quantity", "remaining_count", "start_at", "schedule_change_at", "customer_notify")
    only(body, allowed=allowed, required=("plan_id",))
    subscription = desk.found("subscription", subscription_id, for_change=True)
    if subscription["status"] not in ("authenticated", "active"):
        raise WireError("Subscription is not in active or authenticated state.", reason="invalid_state")
    if body.get("schedule_change_at", "now") != "now":
        raise WireError("Only changes at once are played here.", field="schedule_change_at")
    desk.found("plan", body["plan_id"])
    subscription["plan_id"] = body["plan_id"]
    desk.store.put("subscription", subscription)
    desk.event("subscription.updated", subscription=subscription)
    return subscription


def pause_subscription(desk: Desk, subscription_id: str, body: Body) -> Entity:
    only(body, allowed=("pause_at",))
    return _moved(desk, subscription_id, lambda status: status == "active", "paused", "paused")


def resume_subscription(desk: Desk, subscription_id: str, body: Body) -> Entity:
    only(body, allowed=("resume_at",))
    return _moved(desk, subscription_id, lambda status: status == "paused", "active", "resumed")


def _moved(desk: Desk, subscription_id: str, may: Callable[[str], bool], status: str, event: str) -> Entity:
    subscription = desk.found("subscription", subscription_id, for_change=True)
    if not may(subscription["status"]):
        raise WireError(f"Subscription cannot be {event} in {subscription['status']} state.", reason="invalid_state")
    subscription["status"] = status
    desk.store.put("subscription", subscription)
    desk.event(f"subscription.{event}", subscription=subscription)
    return subscription


def _living(desk: Desk, subscription_id: str) -> Entity:
    subscription = desk.found("subscription", subscription_id, for_change=True)
    if subscription["status"] not in _LIVING:
        raise WireError(f"Subscription is {subscription['status']}.", reason="invalid_state")
    return subscription


def _end(desk: Desk, subscription: Entity, status: str) -> Entity:
    subscription |= {"status": status, "ended_at": desk.now(), "charge_at": None}
    desk.store.put("subscription", subscription)
    desk.event(f"subscription.{status}", subscription=subscription)
    return subscription


def _pay_invoice(desk: Desk, subscription: Entity, *, outcome: Outcome = "success") -> Entity:
    """Pay the cycle by an order of its own, and write its invoice once it is paid."""
    item = desk.found("plan", subscription["plan_id"])["item"]
    amount, invoice_id = item["amount"] * subscription["quantity"], desk.new_id("inv_")
    order = create_order(desk, {"amount": amount, "currency": item["currency"]})
    desk.store.put("order", order | {"_invoice_id": invoice_id})
    payment = pay_order(desk, order["id"], outcome=outcome)
    if payment["captured"]:
        invoice = _new_invoice(desk, subscription, invoice_id, payment)
        desk.store.add("invoice", invoice, parent=subscription["id"])
    return payment


def _new_invoice(desk: Desk, subscription: Entity, invoice_id: str, payment: Entity) -> Entity:
    return {
        "id": invoice_id,
        "entity": "invoice",
        "receipt": None,
        "invoice_number": None,
        "customer_id": subscription["customer_id"],
        "customer_details": {f"customer_{name}": None for name in ("name", "email", "contact", "address")},
        "order_id": payment["order_id"],
        "subscription_id": subscription["id"],
        "line_items": [],
        "payment_id": payment["id"],
        "status": "paid",
        "issued_at": desk.now(),
        "paid_at": desk.now(),
        "sms_status": None,
        "email_status": None,
        "date": desk.now(),
        "amount": payment["amount"],
        "amount_paid": payment["amount"],
        "amount_due": 0,
        "currency": payment["currency"],
        "description": None,
        "notes": [],
        "short_url": subscription["short_url"],
        "view_less": True,
        "type": "invoice",
        "created_at": desk.now(),
    }


def _new_item(desk: Desk, item: Body) -> Entity:
    amount = amount_in(item)
    return {
        "id": desk.new_id("item_"),
        "active": True,
        "name": str(item["name"]),
        "description": item.get("description"),
        "amount": amount,
        "unit_amount": amount,
        "currency": currency_in(item),
        "type": "plan",
        "unit": None,
        "tax_inclusive": False,
        "tax_id": None,
        "tax_group_id": None,
        "created_at": desk.now(),
        "updated_at": desk.now(),
    }


def _after(subscription: Entity, desk: Desk, start: int, cycles: int) -> int:
    """Return when so many cycles that begin at ``start`` have passed, by the calendar."""
    plan = desk.found("plan", subscription["plan_id"])
    count, begins = plan["interval"] * cycles, datetime.fromtimestamp(start, UTC)
    if plan["period"] in _DAYS:
        return int((begins + timedelta(days=_DAYS[plan["period"]] * count)).timestamp())
    months = begins.month - 1 + _MONTHS[plan["period"]] * count
    year, month = begins.year + months // 12, months % 12 + 1
    day = min(begins.day, monthrange(year, month)[1])
    return int(begins.replace(year=year, month=month, day=day).timestamp())
