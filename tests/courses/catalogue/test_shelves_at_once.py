"""A course that changes its grade while one of its contents is edited."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, get_ident
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from accounts.models import CustomUser
from courses.catalogue.services import courses, update_content, update_course
from courses.models import Content, Course
from tests.factories.courses import contents_of, make_course

pytestmark = pytest.mark.django_db(transaction=True)


def edits_at_once(asha: CustomUser, course: Course, *, patience: float) -> list[Any]:
    """Edit a content and its course's grade, each with its own row written before the other goes on, if it can.

    Each waits so many seconds for the other.
    """
    content_id = contents_of(course)[0].pk
    both_have_written = Barrier(2)

    have_written = set[int]()

    def wait_after_first_writing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("UPDATE") and get_ident() not in have_written:
            have_written.add(get_ident())
            with suppress(BrokenBarrierError):  # the other one is waiting for our row: as it should
                both_have_written.wait(timeout=patience)
        return result

    def run(work: Callable[[], Any]) -> Any:
        try:
            with connection.execute_wrapper(wait_after_first_writing):
                return work()
        except OperationalError as error:
            return error
        finally:
            both_have_written.abort()  # nobody waits for who is done
            connections.close_all()

    works = [
        lambda: update_content(editor=asha, content_id=content_id, values={"title": "Edited"}),
        lambda: update_course(editor=asha, course_id=course.pk, values={"grade": "6"}),
    ]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, works))


def test_both_edits_end_and_the_contents_stand_on_the_new_shelf(asha: CustomUser) -> None:
    course = make_course(asha, grade="5", subject="Signs")
    outcomes = edits_at_once(asha, course, patience=0.5)
    assert [type(outcome) for outcome in outcomes] == [Content, Course]
    assert set(Content.objects.values_list("shelf_grade", flat=True)) == {"6"}
    assert Content.objects.filter(title="Edited").exists()


def test_without_holding_the_contents_first_they_wait_for_each_other(
    asha: CustomUser, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: nobody waits for a row")
    monkeypatch.setattr(courses, "hold_contents_of", lambda course_id: None)
    outcomes = edits_at_once(asha, make_course(asha, grade="5", subject="Signs"), patience=60)
    assert any(isinstance(outcome, OperationalError) for outcome in outcomes)
