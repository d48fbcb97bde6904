"""One running platform for all end-to-end tests of a worker: starting it is the dear part."""

from collections.abc import Iterator

import pytest

from tests.flows.platform import Platform, running_platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with running_platform() as running:
        yield running
