"""Facts are told after the commit, and nobody who hears them can hurt who tells them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from e_learning.core import events
from e_learning.core.events import listens_to, publish_on_commit


@dataclass(frozen=True)
class LessonRead:
    content_id: int


@dataclass(frozen=True)
class LessonReread(LessonRead):
    pass


@pytest.fixture
def heard() -> Iterator[list[object]]:
    """Everything that a listener of LessonRead hears."""
    heard: list[object] = []
    listens_to(LessonRead)(heard.append)
    yield heard
    del events._listeners[LessonRead]


@pytest.mark.django_db(transaction=True)
def test_an_event_is_told_after_the_commit_and_not_before(heard: list[object]) -> None:
    with transaction.atomic():
        publish_on_commit(LessonRead(1))
        assert heard == []

    assert heard == [LessonRead(1)]


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_an_event_is_told_at_once(heard: list[object]) -> None:
    publish_on_commit(LessonRead(1))

    assert heard == [LessonRead(1)]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_told(heard: list[object]) -> None:
    with transaction.atomic():
        publish_on_commit(LessonRead(1))
        transaction.set_rollback(True)
    with transaction.atomic():
        publish_on_commit(LessonRead(2))
        with transaction.atomic():
            publish_on_commit(LessonRead(3))
            transaction.set_rollback(True)

    assert heard == [LessonRead(2)]


@pytest.mark.django_db(transaction=True)
def test_a_failing_listener_hurts_neither_the_writer_nor_the_others(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[object] = []

    def stumble(event: LessonRead) -> None:
        raise ZeroDivisionError

    listens_to(LessonRead)(stumble)
    listens_to(LessonRead)(heard.append)
    try:
        with transaction.atomic():
            publish_on_commit(LessonRead(1))
            publish_on_commit(LessonRead(2))
    finally:
        del events._listeners[LessonRead]

    assert heard == [LessonRead(1), LessonRead(2)]
    assert "stumble failed on LessonRead" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_listener_hears_its_own_type_alone(heard: list[object]) -> None:
    publish_on_commit(LessonReread(1))
    publish_on_commit("no event of anybody's")

    assert heard == []
