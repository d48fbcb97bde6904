"""After every test of community that had a database, the counts beside rows must still equal the rows."""

from collections.abc import Iterator

import pytest

from community.groups.auditing import counts_out_of_line
from tests.audits import audited


@pytest.fixture
def counts_need_not_add_up() -> None:
    """For a race without its guard, and for rows that a test spoils on purpose."""


@pytest.fixture(autouse=True)
def counts_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask for every miscount while the test's rows are still there: after the test, before its rows are undone."""
    yield from audited(request, unless="counts_need_not_add_up", find=counts_out_of_line)
