"""The Celery app and its static beat schedule.

Tasks only hurry things along: every job that matters is a row, and a sweep in the schedule finds
the rows whose wake-up was lost with a crash or with the embedded memory broker.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")

app = Celery("e_learning")
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
_ROOMS = [
    "attendance",
    "chatbot.conversations",
    "chatbot.generation",
    "chatbot.providers",
    "chatbot.recommendations",
    "chatbot.retrieval",
    "community.chat",
    "community.groups",
    "community.notifications",
    "community.posts",
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
    "sweep-tutor-index": {"task": "chatbot.sweep_index", "schedule": 60.0},
    "sweep-tutor-jobs": {"task": "chatbot.sweep_jobs", "schedule": 30.0},
    "sweep-mail": {"task": "core.sweep_mail", "schedule": 30.0},
    "forget-old-answers": {"task": "core.forget_idempotent_answers", "schedule": 3600.0},
    "forget-ended-sessions": {"task": "accounts.forget_ended_sessions", "schedule": 6 * 3600.0},
    "forget-unused-tickets": {"task": "accounts.forget_unused_tickets", "schedule": 600.0},
    "forget-old-searches": {"task": "courses.forget_old_searches", "schedule": 6 * 3600.0},
    "close-live-sessions": {"task": "attendance.close_sessions", "schedule": 60.0},
    "close-expired-attempts": {"task": "courses.close_expired_attempts", "schedule": 30.0},
    "close-expired-orders": {"task": "payments.close_expired_orders", "schedule": 60.0},
    "sweep-sandbox": {"task": "payments.sweep_sandbox", "schedule": 10.0},
    "settle-ended-subscriptions": {"task": "payments.settle_ended_subscriptions", "schedule": 300.0},
    "remind-of-classes": {"task": "attendance.remind", "schedule": 60.0},
    "settle-tutor-answers": {"task": "chatbot.settle_pending", "schedule": 60.0},
    "tell-of-unseen-flags": {"task": "chatbot.tell_of_unseen_flags", "schedule": 300.0},
    "announce-expiries": {"task": "courses.announce_expiries", "schedule": 300.0},
    "extend-series": {"task": "attendance.extend_series", "schedule": 24 * 3600.0},
    # By the clock: an interval of a day begins anew with every restart. UTC; in India it is three at night.
    "learn-neighbours": {"task": "chatbot.learn_neighbours", "schedule": crontab(hour="21", minute="30")},
    "forget-provider-calls": {"task": "chatbot.forget_provider_calls", "schedule": 6 * 3600.0},
    "forget-views": {"task": "community.forget_views", "schedule": 6 * 3600.0},
    "sweep-groups": {"task": "community.sweep_groups", "schedule": 60.0},
    "sweep-notifications": {"task": "community.sweep_notifications", "schedule": 30.0},
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
