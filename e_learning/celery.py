"""The Celery app and its static beat schedule.

Tasks only hurry things along: every job that matters is a row, and a sweep in the schedule finds
the rows whose wake-up was lost with a crash or with the embedded memory broker.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")

app = Celery("e_learning")
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
_ROOMS = [
    "courses.assessment",
    "courses.catalogue",
    "courses.learning",
    "payments.gateways",
    "payments.orders",
    "payments.reconciliation",
    "payments.refunds",
    "payments.subscriptions",
    "payments.webhooks",
]
app.autodiscover_tasks(["e_learning.core", "accounts.signin", *_ROOMS])

app.conf.beat_schedule = {
    "sweep-mail": {"task": "core.sweep_mail", "schedule": 30.0},
    "forget-old-answers": {"task": "core.forget_idempotent_answers", "schedule": 3600.0},
    "forget-ended-sessions": {"task": "accounts.forget_ended_sessions", "schedule": 6 * 3600.0},
    "forget-old-searches": {"task": "courses.forget_old_searches", "schedule": 6 * 3600.0},
    "close-expired-attempts": {"task": "courses.close_expired_attempts", "schedule": 30.0},
    "close-expired-orders": {"task": "payments.close_expired_orders", "schedule": 60.0},
    "sweep-sandbox": {"task": "payments.sweep_sandbox", "schedule": 10.0},
    "settle-ended-subscriptions": {"task": "payments.settle_ended_subscriptions", "schedule": 300.0},
    "announce-expiries": {"task": "courses.announce_expiries", "schedule": 300.0},
    "sweep-refunds": {"task": "payments.sweep_refunds", "schedule": 30.0},
    "reconcile-payments": {"task": "payments.reconcile", "schedule": 600.0},
    "sweep-webhook-events": {"task": "payments.sweep_webhook_events", "schedule": 15.0},
}


@setup_logging.connect
def leave_logging_alone(**_kwargs: Any) -> None:
    """Keep the levels and formats of settings.LOGGING: Celery sets up its own only where nobody hears this signal."""


@celeryd_init.connect
def refuse_bad_settings(**_kwargs: Any) -> None:
    """Start no worker with settings that ``manage.py serve`` refuses: half a key would put off every refund in silence.

    Celery asks for the same checks and throws away their answer; and it logs what a signal raises, unless it is an
    exit.
    """
    from django.core.management.base import BaseCommand, SystemCheckError

    try:
        BaseCommand().check()
    except SystemCheckError as error:
        raise SystemExit(str(error)) from error
