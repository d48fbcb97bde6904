"""Files go with their rows: after the commit, never before, and never one that a row still names."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import CustomUser
from courses.models import Content, Course
from e_learning.core.api.errors import Conflict
from e_learning.core.owned_files import dropped_on_error
from tests.factories.courses import contents_of, make_course

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content(asha: CustomUser) -> Content:
    content = contents_of(make_course(asha))[0]
    content.document.save("a.pdf", ContentFile(b"first"))
    return content


def files(settings: Any) -> list[bytes]:
    return sorted(path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_replaced_file_goes_after_the_commit(content: Content, settings: Any) -> None:
    with transaction.atomic():
        content.document = ContentFile(b"second", name="b.pdf")
        content.save(update_fields=["document"])
        assert files(settings) == [b"first", b"second"]
    assert files(settings) == [b"second"]


def test_a_rollback_loses_nothing_and_leaves_nothing_behind(content: Content, settings: Any) -> None:
    def refused_after_saving() -> None:
        with transaction.atomic(), dropped_on_error(content):
            content.document = ContentFile(b"second", name="b.pdf")
            content.save(update_fields=["document"])
            raise Conflict

    with pytest.raises(Conflict):
        refused_after_saving()
    content.refresh_from_db()
    assert files(settings) == [b"first"]
    assert content.document.read() == b"first"


def test_a_deletion_that_is_rolled_back_loses_nothing(content: Content, settings: Any) -> None:
    with transaction.atomic():
        content.delete()
        transaction.set_rollback(True)
    assert files(settings) == [b"first"]


def test_the_files_of_a_course_go_with_it(content: Content, settings: Any) -> None:
    course = content.module.course
    course.thumbnail.save("a.png", ContentFile(b"thumbnail"))
    course.assets.create(name="a", digest="a", size=1, file=ContentFile(b"asset", name="a.png"))
    assert files(settings) == [b"asset", b"first", b"thumbnail"]
    course.delete()
    assert files(settings) == []


def test_a_file_that_another_row_names_stays(content: Content, settings: Any) -> None:
    Content.objects.filter(pk=contents_of(content.module.course)[1].pk).update(document=content.document.name)
    content.delete()
    assert files(settings) == [b"first"]


def test_a_save_of_other_columns_asks_nothing(content: Content, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        content.save(update_fields=["title"])


def test_a_file_taken_away_goes(content: Content, settings: Any) -> None:
    content.document = None
    content.save()
    content.refresh_from_db()
    assert not content.document
    assert files(settings) == []


def test_a_store_that_is_away_hurts_no_writer(
    content: Content, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(storage: Any, name: str) -> None:
        raise OSError("the store is away")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.delete", away)
    content.delete()
    assert not Content.objects.filter(pk=content.pk).exists()
    assert "the store is away" in caplog.text


def test_a_row_without_a_file_has_nothing_to_lose(asha: CustomUser) -> None:
    course = make_course(asha)
    course.delete()
    assert not Course.objects.exists()
