"""Audits that run after every test of an app, while the test's rows are still there."""

from collections.abc import Callable, Iterator, Sequence

import pytest


def audited(request: pytest.FixtureRequest, *, unless: str, find: Callable[[], Sequence[object]]) -> Iterator[None]:
    """For an autouse fixture: after each test with a database, ``find`` must find nothing wrong.

    Asked before the test's rows are undone. Tests that ask for the fixture ``unless`` are let be.
    """
    has_database = "db" in request.fixturenames or request.node.get_closest_marker("django_db")
    if not has_database or unless in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")  # set up before this fixture, and so undone after it
    yield
    found = find()
    assert found == [], found
