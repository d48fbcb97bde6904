"""The index follows what courses say."""

import io
import json
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from chatbot.models import Chunk, IndexedContent, IndexedCourse
from chatbot.retrieval import services
from chatbot.retrieval.selectors import courses_out_of_step
from chatbot.retrieval.services import index_content, index_course, index_stale_courses, indexing
from chatbot.retrieval.tasks import sweep_index
from courses.api import mark_of_content, words_of_content
from courses.catalogue.services import (
    delete_content,
    delete_or_archive_course,
    update_content,
    update_course,
    update_module,
)
from courses.languages.services import keep_subtitles
from courses.models import Content, Course, Module
from tests.crowd import crowd
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.quizzes import CANARY, every_type, make_quiz
from tests.thorough import times


def said(course: Course) -> list[str]:
    """What is indexed of a course, in order."""
    return list(Chunk.objects.filter(course=course).order_by("content_id", "order").values_list("text", flat=True))


@pytest.mark.django_db
def test_a_content_is_indexed_with_its_document_and_subtitles(asha: CustomUser) -> None:
    course = make_course(asha, contents=1)
    [content] = contents_of(course)
    content.document.save("a.txt", ContentFile("Consonants close."))
    keep_subtitles(content=content, language="hi", cues=[{"start": 1.5, "end": 3.0, "text": "स्वर"}])

    assert index_course(course_id=course.pk) == 1
    rows = Chunk.objects.order_by("order").values_list("source", "language", "order", "text", "start_seconds")
    assert list(rows) == [
        ("text", "en", 1, "Secret words", None),
        ("document", "en", 2, "Consonants close.", None),
        ("subtitles", "hi", 3, "स्वर", 1),
    ]
    assert courses_out_of_step() == []


@pytest.mark.django_db
def test_what_is_edited_is_indexed_anew_and_nothing_else(asha: CustomUser) -> None:
    course = make_course(asha, contents=2)
    first, _second = contents_of(course)
    index_stale_courses(most_seconds=60)
    kept = set(Chunk.objects.exclude(content=first).values_list("pk", flat=True))

    update_content(editor=asha, content_id=first.pk, values={"text_content": "Vowels are open."})
    assert courses_out_of_step() == [course.pk]
    assert sweep_index() == 1
    assert said(course) == ["Vowels are open.", "Secret words"]
    assert kept <= set(Chunk.objects.values_list("pk", flat=True))
    assert sweep_index() == 0


@pytest.mark.django_db
def test_everything_that_a_chunk_is_made_of_is_seen_to_change(asha: CustomUser) -> None:
    course = make_course(asha, contents=1)
    [content] = contents_of(course)
    cues: Any = [{"start": 0.0, "end": 1.0, "text": "Watch."}]
    changes = [
        lambda: update_course(editor=asha, course_id=course.pk, values={"title": "Another"}),
        lambda: update_course(editor=asha, course_id=course.pk, values={"language": "hi"}),
        lambda: update_module(editor=asha, module_id=content.module_id, values={"title": "Another"}),
        lambda: update_content(editor=asha, content_id=content.pk, values={"title": "Another"}),
        lambda: update_content(editor=asha, content_id=content.pk, values={"section": "Another"}),
        lambda: keep_subtitles(content=content, language="en", cues=cues),
    ]
    index_course(course_id=course.pk)
    for change in changes:
        change()
        assert courses_out_of_step() == [course.pk]
        assert index_course(course_id=course.pk) == 1


@pytest.mark.django_db
def test_the_mark_is_of_the_words(asha: CustomUser) -> None:
    [content] = contents_of(make_course(asha, contents=1))
    words = words_of_content(content.pk)

    assert words is not None
    assert words.mark == mark_of_content(content.pk)
    assert mark_of_content(10**9) is None


@pytest.mark.django_db
def test_an_enrolment_makes_nothing_new(asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha)
    index_course(course_id=course.pk)
    enroll(bilal, course)

    assert courses_out_of_step() == [course.pk]
    assert index_course(course_id=course.pk) == 0
    assert courses_out_of_step() == []


@pytest.mark.django_db
def test_a_deleted_content_is_gone_at_once(asha: CustomUser) -> None:
    course = make_course(asha, contents=2)
    first, second = contents_of(course)
    index_course(course_id=course.pk)

    delete_content(editor=asha, content_id=first.pk)
    assert set(Chunk.objects.values_list("content", flat=True)) == {second.pk}
    assert not index_content(content_id=first.pk)


@pytest.mark.django_db
def test_a_draft_is_not_indexed_and_what_was_taken_back_is_forgotten(asha: CustomUser) -> None:
    draft, taken_back, archived = (make_course(asha, title=title) for title in ("One", "Two", "Three"))
    Course.objects.filter(pk=draft.pk).update(is_published=False)
    index_stale_courses(most_seconds=60)
    assert said(draft) == []
    assert said(taken_back)

    update_course(editor=asha, course_id=taken_back.pk, values={"is_published": False})
    Course.objects.filter(pk=archived.pk).update(archived_at=timezone.now(), is_published=False)
    index_stale_courses(most_seconds=60)
    assert not Chunk.objects.exists()
    assert not IndexedContent.objects.exists()
    assert not IndexedCourse.objects.exists()


@pytest.mark.django_db
def test_an_archived_course_stays_while_somebody_is_enrolled(asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha)
    enrollment = enroll(bilal, course, expiry_date=timezone.now() + timedelta(days=1))
    delete_or_archive_course(editor=asha, course_id=course.pk)
    index_stale_courses(most_seconds=60)
    assert said(course)

    enrollment.expiry_date = timezone.now() - timedelta(seconds=1)
    enrollment.save(update_fields=["expiry_date"])
    index_stale_courses(most_seconds=60)
    assert said(course) == []


@pytest.mark.django_db(transaction=True)
def test_a_published_course_is_indexed_without_a_sweep(asha: CustomUser) -> None:
    course = make_course(asha, contents=1, published=False)

    update_course(editor=asha, course_id=course.pk, values={"is_published": True})
    assert said(course) == ["Secret words"]


@pytest.mark.django_db
def test_nothing_of_a_quiz_is_indexed(asha: CustomUser) -> None:
    course = make_course(asha)
    quiz = make_quiz(course, every_type())
    index_course(course_id=course.pk)

    everything = str(list(Chunk.objects.values()))
    assert CANARY not in everything
    for question in quiz.questions.all():
        assert question.question_text not in everything


@pytest.mark.django_db
def test_what_broke_off_goes_on_where_it_was(asha: CustomUser) -> None:
    course = make_course(asha, contents=3)
    steps: list[int] = []

    def die_after_two() -> None:
        steps.append(1)
        if len(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_course(course_id=course.pk, step=die_after_two)
    assert len(said(course)) == 2
    assert courses_out_of_step() == [course.pk]

    assert index_course(course_id=course.pk) == 1
    assert len(said(course)) == 3


@pytest.mark.django_db
def test_a_course_that_fails_keeps_no_other_waiting(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_course(asha, title="One"), make_course(asha, title="Two")
    read = indexing.words_of_content

    def fail_for_one(content_id: int) -> Any:
        if Content.objects.get(pk=content_id).module.course_id == bad.pk:
            raise OSError("the store is away")
        return read(content_id)

    with monkeypatch.context() as broken:
        broken.setattr(indexing, "words_of_content", fail_for_one)
        assert index_stale_courses(most_seconds=60) == 1
    assert said(good)
    assert courses_out_of_step() == [bad.pk]
    assert index_stale_courses(most_seconds=60) == 1


@pytest.mark.django_db
def test_a_sweep_stops_when_its_time_is_over(asha: CustomUser) -> None:
    make_course(asha)

    assert index_stale_courses(most_seconds=-1) == 0


@pytest.mark.django_db
def test_what_changed_while_it_was_read_is_not_written(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(asha, contents=1)
    read = indexing.words_of_content

    def read_and_edit(content_id: int) -> Any:
        words = read(content_id)
        update_content(editor=asha, content_id=content_id, values={"text_content": "Newer words"})
        return words

    with monkeypatch.context() as slow:
        slow.setattr(indexing, "words_of_content", read_and_edit)
        assert index_course(course_id=course.pk) == 0
    assert not Chunk.objects.exists()
    assert courses_out_of_step() == [course.pk]

    index_course(course_id=course.pk)
    assert said(course) == ["Newer words"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_the_chunks_of_one(asha: CustomUser) -> None:
    course = make_course(asha, contents=1)
    [content] = contents_of(course)
    Content.objects.filter(pk=content.pk).update(text_html="<p>" + "Vowels are open sounds. " * 200 + "</p>")
    index_content(content_id=content.pk)
    expected = said(course)
    assert len(expected) > 3
    with crowd(4) as all_at_once:
        for _round in range(times(30, few=4)):
            IndexedContent.objects.all().delete()
            Chunk.objects.all().delete()
            all_at_once(*[lambda: index_content(content_id=content.pk)] * 4)
            assert said(course) == expected


@pytest.mark.django_db(transaction=True)
def test_who_read_older_words_does_not_write_last(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _written_after_a_newer_one(asha, monkeypatch) == ["Newer words"]


@pytest.mark.django_db(transaction=True)
def test_without_asking_again_older_words_are_written_last(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_is_as_read", lambda words: True)
    assert _written_after_a_newer_one(asha, monkeypatch) == ["Older words"]


def _written_after_a_newer_one(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One reads, the text is edited, another reads and writes, and then the first writes: what stands in the end."""
    course = make_course(asha, contents=1)
    [content] = contents_of(course)
    update_content(editor=asha, content_id=content.pk, values={"text_content": "Older words"})
    read, has_read, newer_stands = indexing.words_of_content, Event(), Event()

    def slowly(content_id: int) -> Any:
        words = read(content_id)
        if words is not None and words.text == "Older words":
            has_read.set()
            assert newer_stands.wait(30)
        return words

    def edit_and_index() -> None:
        assert has_read.wait(30)
        update_content(editor=asha, content_id=content.pk, values={"text_content": "Newer words"})
        index_content(content_id=content.pk)
        newer_stands.set()

    monkeypatch.setattr(indexing, "words_of_content", slowly)
    with crowd(2) as both:
        both(lambda: index_content(content_id=content.pk), edit_and_index)
    return said(course)


@pytest.mark.django_db
def test_looking_for_what_is_stale_takes_two_statements(asha: CustomUser) -> None:
    for title in ("One", "Two", "Three"):
        make_course(asha, title=title)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(courses_out_of_step()) == 3
    assert len(asked) == 2


@pytest.mark.django_db
def test_the_command_indexes_what_is_not_in_step(asha: CustomUser) -> None:
    course = make_course(asha, contents=2)
    make_course(asha, contents=1, title="Another")

    def told(*arguments: str) -> dict[str, int]:
        out = io.StringIO()
        call_command("index_tutor", "--json", *arguments, stdout=out)
        return json.loads(out.getvalue())

    assert told("--course", str(course.pk)) == {"courses": 1, "contents": 2}
    assert told() == {"courses": 1, "contents": 1}
    assert told() == {"courses": 0, "contents": 0}
    assert told("--again") == {"courses": 2, "contents": 3}
    with pytest.raises(CommandError, match="no course"):
        told("--course", "1000000000")


@pytest.mark.django_db
def test_an_indexed_content_can_be_deleted_in_the_back_office(client: Any, admin: CustomUser, asha: CustomUser) -> None:
    [content] = contents_of(make_course(asha, contents=1))
    services.index_content(content_id=content.pk)
    client.force_login(admin)

    for page in ("chunk", "indexedcontent", "indexedcourse"):
        assert client.get(f"/admin/chatbot/{page}/").status_code == 200
        assert client.get(f"/admin/chatbot/{page}/add/").status_code == 403
    answer = client.post(f"/admin/courses/content/{content.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not Content.objects.filter(pk=content.pk).exists()
    assert not Chunk.objects.exists()


def test_a_new_content_is_found_by_the_sweep(db: None, asha: CustomUser) -> None:
    course = make_course(asha, contents=1)
    sweep_index()
    make_content(Module.objects.get(course=course), text_html="<p>New words</p>", order=2)

    sweep_index()
    assert said(course) == ["Secret words", "New words"]
