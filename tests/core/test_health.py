"""Alive is one question, ready another, and ready says what is missing."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from e_learning.core import health
from tests.core.stand_ins import AWAY

pytestmark = pytest.mark.django_db


def not_ready(client: Client) -> set[str]:
    answer = client.get("/readyz")
    failing = {name for name, works in answer.json()["checks"].items() if not works}
    assert answer.status_code == (503 if failing else 200)
    assert answer.json()["status"] == ("unavailable" if failing else "ok")
    return failing


def test_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert not_ready(client) == set()
    assert set(client.get("/readyz").json()["checks"]) == {"database", "migrations", "cache", "channel_layer", "broker"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_kept_by_a_cache(client: Client, path: str) -> None:
    assert "no-store" in client.get(path).headers["Cache-Control"]
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_alive_asks_nothing_of_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_without_the_cache_it_is_not_ready(client: Client, settings: Any) -> None:
    settings.CACHES = AWAY

    assert not_ready(client) == {"cache"}
    assert client.get("/healthz").status_code == 200


def test_with_a_migration_missing_it_is_not_ready(client: Client) -> None:
    latest = MigrationRecorder(connection).migration_qs.filter(app="courses").order_by("-id")[0]
    latest.delete()

    assert not_ready(client) == {"migrations"}


def test_without_the_database_it_is_not_ready(client: Client) -> None:
    def lost(*args: Any) -> None:
        raise ConnectionError("the database is away")

    with connection.execute_wrapper(lost):
        assert not_ready(client) == {"database", "migrations"}
        assert client.get("/healthz").status_code == 200


def test_without_the_channel_layer_it_is_not_ready(client: Client, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1"]},
        }
    }

    assert not_ready(client) == {"channel_layer"}


def test_without_the_broker_it_is_not_ready(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import Celery

    settings.EMBEDDED_WORKER = False
    monkeypatch.setattr(health, "current_app", Celery(broker="redis://127.0.0.1:1/0", set_as_current=False))

    assert not_ready(client) == {"broker"}


def test_a_broker_in_the_memory_of_the_process_needs_no_asking(client: Client, settings: Any) -> None:
    settings.EMBEDDED_WORKER = True

    assert "broker" not in not_ready(client)


def test_each_check_that_fails_is_logged(client: Client, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.CACHES = AWAY

    client.get("/readyz")

    assert "readyz: cache does not answer" in caplog.text
    assert health.logger.name in {record.name for record in caplog.records}
