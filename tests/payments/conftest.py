"""After every test of payments that had a database, money, access and documents must still agree in all of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from payments.reconciliation.audit import contradictions
from tests.audits import audited


@pytest.fixture(autouse=True)
def webhooks_reach_nobody(settings: Any) -> None:
    """The sandbox delivers over real HTTP: nothing that runs on this machine by chance shall hear of a test."""
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:1/"


@pytest.fixture
def money_need_not_add_up() -> None:
    """For a race without its guard, and for one room's rows made alone: such a test leaves contradictions behind."""


@pytest.fixture(autouse=True)
def money_adds_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask for every contradiction while the test's rows are still there: after the test, before its rows are undone."""
    yield from audited(request, unless="money_need_not_add_up", find=contradictions)
