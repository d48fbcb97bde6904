"""Reconciling: asking the gateway about all that is not final, mending what disagrees, and naming what still does.

Webhooks hurry things along and may be lost: Razorpay gives up on a failing address after a day. So everything they tell
is asked for here too, and brought to the same functions, which go forward only. A pass may be killed anywhere and
run beside another one: it works row by row, each in transactions of its own, and never asks inside one.
"""

from datetime import datetime

from payments.gateways import gateway
from payments.reconciliation.audit import contradictions
from payments.reconciliation.reports import Report
from payments.reconciliation.services.orders import ask_about_orders
from payments.reconciliation.services.passes import NoAnswers, Pass
from payments.reconciliation.services.refunds import ask_about_refunds
from payments.reconciliation.services.rows import close_orders, mend_access, work_off_events
from payments.reconciliation.services.subscriptions import ask_about_subscriptions

__all__ = ["reconcile"]

#: Rows of each kind that one pass asks about, unless told otherwise. The longest unasked come first.
MOST = 200
_FROM_OUR_ROWS = (work_off_events, close_orders, mend_access)
_FROM_THE_GATEWAY = (ask_about_orders, ask_about_subscriptions, ask_about_refunds)


def reconcile(*, now: datetime, most: int = MOST, days: int | None = None) -> Report:
    """Ask, mend, audit; returns what was asked, mended and found.

    ``days`` is how far back orders and captured payments are asked about; without it the settings decide. A
    gateway that doesn't answer ends the asking (the report says so), not the rest, and nothing is lost: the next pass
    asks again.
    """
    report = Report(started_at=now)
    run = Pass(gateway=gateway(), now=now, most=most, days=days, report=report)
    for step in _FROM_OUR_ROWS:
        step(run)
    try:
        for step in _FROM_THE_GATEWAY:
            step(run)
    except NoAnswers:
        pass
    report.contradictions = contradictions(at=now)
    return report
