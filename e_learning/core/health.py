"""``/healthz``: the process answers. ``/readyz``: what it needs answers too (API §8)."""

import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from celery import current_app
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything answers, else 503; ``checks`` says which does not."""
    checks = {name: _works(name, check) for name, check in _CHECKS.items()}
    ready = all(checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _works(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # each service fails in its own way; all of them mean "not ready"
        logger.warning("readyz: %s does not answer", name, exc_info=True)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache() -> bool:
    cache.set("readyz", 1, timeout=10)
    return bool(cache.get("readyz") == 1)


def _channel_layer() -> bool:
    layer = get_channel_layer()
    async_to_sync(layer.group_send)("readyz", {"type": "readyz"})
    return True


def _broker() -> bool:
    if settings.EMBEDDED_WORKER:
        return True  # the queue is this process's own memory
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=2)
    return True


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "channel_layer": _channel_layer,
    "broker": _broker,
}
