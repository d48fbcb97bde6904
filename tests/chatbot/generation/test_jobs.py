"""Drafts are asked for, written step by step, and seen by nobody but the course's owner."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.generation.making import Making
from chatbot.generation.modelled import MOST_CALLS
from chatbot.generation.reading import shares
from chatbot.generation.selectors import bank_for
from chatbot.generation.services import ask_for_drafts, run_job, running, sweep_jobs
from chatbot.models import Draft, Job
from chatbot.providers.base import ProviderFailed
from courses.languages.services import keep_subtitles
from courses.models import Content, Course, Module, Quiz
from tests.chatbot.generation.conftest import CLOUDS, WATER, Drafted, drafts_of
from tests.factories.courses import make_content, make_course
from tests.factories.people import person
from tests.factories.quizzes import CANARY, every_type, make_quiz

GENERATE, JOBS = "/api/chatbot/generate/", "/api/chatbot/jobs/"
pytestmark = pytest.mark.django_db


def asked(client: APIClient, **body: Any) -> Any:
    return client.post(GENERATE, {"kind": "questions"} | body, format="json")


def code_of(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["attr"]


# --- asking ---------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_what_is_asked_for_is_written_after_the_commit(ashas: APIClient, lesson: Content) -> None:
    answer = asked(ashas, content_id=lesson.pk, count=3)
    assert answer.status_code == 202
    job = ashas.get(f"{JOBS}{answer.json()['job_id']}/").json()
    assert (job["status"], job["percent"], job["error"], job["count"]) == ("succeeded", 100, "", 3)
    assert job["finished_at"]
    drafts = job["result"]["drafts"]
    assert len(drafts) == 3
    for draft in drafts:
        assert draft["quote"] in WATER
        assert (draft["content_id"], draft["status"], draft["question_id"]) == (lesson.pk, "waiting", None)
        assert (draft["topic"], draft["difficulty"]) == ("Water itself", "medium")
        assert {"id", "question_text", "question_type", "is_by_rule"} <= set(draft)


def test_the_defaults_are_ten_of_medium_difficulty(ashas: APIClient, lesson: Content) -> None:
    job = Job.objects.get(pk=asked(ashas, content_id=lesson.pk).json()["job_id"])
    assert (job.count, job.difficulty, job.question_types, job.status) == (10, "medium", [], "queued")


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "content_or_course", None),
        ({"content_id": 1, "course_id": 1}, "content_or_course", None),
        ({"course_id": 1, "kind": "poem"}, "invalid_choice", "kind"),
        ({"course_id": 1, "count": 0}, "min_value", "count"),
        ({"course_id": 1, "count": 51}, "max_value", "count"),
        ({"course_id": 1, "difficulty": "deadly"}, "invalid_choice", "difficulty"),
        ({"course_id": 1, "question_types": ["essay"]}, "invalid_choice", "question_types.0"),
        ({"course_id": 1, "kind": "summary", "question_types": ["numeric"]}, "not_for_this_kind", "question_types"),
        ({"course_id": "x"}, "invalid", "course_id"),
    ],
)
def test_what_cannot_be_asked_is_refused(ashas: APIClient, body: dict[str, Any], code: str, attr: str | None) -> None:
    assert code_of(asked(ashas, **body)) == (400, code, attr)


def test_where_nothing_can_be_read_nothing_is_queued(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    empty = Content.objects.get(title="Nothing")
    assert code_of(asked(ashas, content_id=empty.pk)) == (409, "nothing_to_read", None)
    assert code_of(asked(ashas, course_id=make_course(asha, contents=0).pk)) == (409, "nothing_to_read", None)
    keep_subtitles(content=empty, language="en", cues=[{"start": 0.0, "end": 2.0, "text": "Snow is frozen water."}])
    assert asked(ashas, content_id=empty.pk).status_code == 202


def test_a_fourth_job_waits_for_one_to_be_done(ashas: APIClient, admins: APIClient, lesson: Content) -> None:
    for _ in range(3):
        assert asked(ashas, content_id=lesson.pk).status_code == 202
    assert code_of(asked(ashas, content_id=lesson.pk)) == (409, "too_many_jobs", None)
    assert asked(admins, content_id=lesson.pk).status_code == 202
    assert sweep_jobs(most_seconds=60) == 4
    assert asked(ashas, content_id=lesson.pk).status_code == 202


def test_the_same_key_asks_once(ashas: APIClient, lesson: Content) -> None:
    answers = [
        ashas.post(GENERATE, {"kind": "summary", "content_id": lesson.pk}, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert Job.objects.count() == 1


def test_an_unpublished_course_can_be_written_about(ashas: APIClient, course: Course, drafted: Drafted) -> None:
    Course.objects.update(is_published=False)
    assert len(drafts_of(drafted())) == 3


# --- strangers ------------------------------------------------------------------------------------
def test_whoever_does_not_own_the_course_finds_nothing(
    course: Course,
    lesson: Content,
    quiz: Quiz,
    drafted: Drafted,
    client_for: Any,
    bilal: CustomUser,
    chitra: CustomUser,
) -> None:
    job = drafted()
    [draft, *_] = drafts_of(job)
    colleague = person("colleague", role="instructor")
    make_course(colleague)
    for stranger in map(client_for, (bilal, chitra, colleague)):
        accepted = {"quiz_id": quiz.pk, "drafts": [{"id": draft.pk}]}
        assert asked(stranger, content_id=lesson.pk).status_code == 404
        assert asked(stranger, course_id=course.pk).status_code == 404
        assert stranger.get(f"{JOBS}{job.pk}/").status_code == 404
        assert stranger.delete(f"{JOBS}{job.pk}/").status_code == 404
        assert stranger.post(f"{JOBS}{job.pk}/accept/", accepted, format="json").status_code == 404
        assert stranger.post(f"{JOBS}{job.pk}/reject/", {"drafts": [draft.pk]}, format="json").status_code == 404
        assert stranger.get(JOBS).json()["results"] == []
    draft.refresh_from_db()
    assert draft.status == "waiting"
    assert not quiz.questions.exists()


def test_absent_and_foreign_look_the_same(ashas: APIClient) -> None:
    assert code_of(asked(ashas, content_id=10**9)) == code_of(asked(ashas, course_id=10**9)) == (404, "not_found", None)
    assert ashas.get(f"{JOBS}{10**9}/").status_code == 404


def test_admins_see_every_job(admins: APIClient, drafted: Drafted) -> None:
    job = drafted()
    assert [row["id"] for row in admins.get(JOBS).json()["results"]] == [job.pk]
    assert admins.get(f"{JOBS}{job.pk}/").status_code == 200


# --- costs ----------------------------------------------------------------------------------------
def statements(client: APIClient, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_list_and_page_cost_the_same_for_one_and_for_three(ashas: APIClient, drafted: Drafted) -> None:
    job = drafted(count=1)
    ashas.get(JOBS)
    # The session is one of them.
    assert (statements(ashas, JOBS), statements(ashas, f"{JOBS}{job.pk}/")) == (3, 3)
    jobs = [drafted(count=3), drafted(kind="flashcards", count=3)]
    assert (statements(ashas, JOBS), statements(ashas, f"{JOBS}{jobs[1].pk}/")) == (3, 3)
    page = ashas.get(JOBS, {"page_size": 2}).json()
    assert [row["id"] for row in page["results"]] == [jobs[1].pk, jobs[0].pk]
    assert page["count"] == 3
    assert "result" not in page["results"][0]


# --- carried out ----------------------------------------------------------------------------------
def test_what_a_course_gets_is_spread_by_length(asha: CustomUser, course: Course, drafted: Drafted) -> None:
    job = drafted(content_id=None, course_id=course.pk, count=4)
    made = {content.title for content in Content.objects.filter(pk__in=job.drafts.values("content"))}
    assert made == {"Water", "Clouds"}
    assert [draft.order for draft in drafts_of(job)] == [1, 2, 3, 4]
    summaries = drafted(content_id=None, course_id=course.pk, kind="summary", count=50)
    assert (summaries.count, summaries.drafts.count()) == (2, 2)


@pytest.mark.parametrize(
    ("lengths", "count", "expected"),
    [
        ({1: 100, 2: 100}, 10, {1: 5, 2: 5}),
        ({1: 900, 2: 100, 3: 0}, 10, {1: 9, 2: 1}),
        ({1: 34, 2: 33, 3: 33}, 2, {1: 1, 2: 1}),
        ({1: 1000, 2: 1}, 3, {1: 3}),
        ({1: 0}, 5, {}),
        ({}, 5, {}),
    ],
)
def test_shares_are_whole_and_add_up(lengths: dict[int, int], count: int, expected: dict[int, int]) -> None:
    assert shares(lengths, count) == expected


def test_nothing_is_drafted_twice(drafted: Drafted, course: Course, ashas: APIClient) -> None:
    first, second = drafted(count=3), drafted(count=50)
    texts = [draft.body["question_text"] for job in (first, second) for draft in drafts_of(job)]
    assert len(set(texts)) == len(texts) > 3
    assert set(texts) <= set(bank_for(second))
    third = drafted(count=50)
    assert (third.status, third.drafts.count()) == ("succeeded", 0)


def test_what_a_quiz_asks_already_is_in_the_bank(drafted: Drafted, course: Course) -> None:
    make_quiz(course, every_type())
    bank = bank_for(drafted(count=1))
    assert "Pick one" in bank
    assert CANARY not in "".join(bank)


def test_no_key_of_a_quiz_is_written_from(asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    make_quiz(course, every_type())
    sources = []

    def reads(source: Any, wanted: Any, **_kwargs: Any) -> Making:
        sources.append(source)
        return Making()

    monkeypatch.setattr(running, "make", reads)
    job = ask_for_drafts(user=asha, kind="questions", count=9, difficulty="easy", course_id=course.pk)
    run_job(job_id=job.pk)
    assert {source.title for source in sources} == {"Water", "Clouds"}
    assert CANARY not in "".join(source.text for source in sources)


def test_what_is_said_in_a_video_is_read(asha: CustomUser, course: Course) -> None:
    empty = Content.objects.get(title="Nothing")
    words = CLOUDS.split()
    cues: Any = [{"start": at, "end": at + 3, "text": " ".join(words[at : at + 3])} for at in range(0, len(words), 3)]
    keep_subtitles(content=empty, language="en", cues=cues)
    job = ask_for_drafts(user=asha, kind="summary", count=1, difficulty="easy", content_id=empty.pk)
    run_job(job_id=job.pk)
    assert "Clouds are made of tiny drops of water." in drafts_of(job)[0].body["text"]


def test_a_file_without_words_fails_the_job(asha: CustomUser, course: Course) -> None:
    empty = Content.objects.get(title="Nothing")
    Content.objects.filter(pk=empty.pk).update(document="documents/gone.pdf")
    job = ask_for_drafts(user=asha, kind="questions", count=1, difficulty="easy", content_id=empty.pk)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.error, job.percent) == ("failed", "nothing_to_read", 0)


def fails(*_args: Any, **_kwargs: Any) -> Any:
    raise ProviderFailed("timed_out")


def breaks(*_args: Any, **_kwargs: Any) -> Any:
    raise ZeroDivisionError


@pytest.mark.parametrize(("fault", "error"), [(fails, "timed_out"), (breaks, "broke_off")])
def test_a_failure_keeps_what_was_drafted(
    asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch, fault: Any, error: str
) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    works = iter([running.make, fault])

    def works_once(*args: Any, **kwargs: Any) -> Any:
        return next(works)(*args, **kwargs)

    monkeypatch.setattr(running, "make", works_once)
    assert run_job(job_id=job.pk) is False
    job.refresh_from_db()
    assert (job.status, job.error, job.steps_done, job.percent) == ("failed", error, 1, 50)
    assert job.drafts.count() == 2
    assert job.finished_at
    assert sweep_jobs(most_seconds=60) == 0


def test_a_job_is_let_go_when_its_time_is_over_and_gone_on_with(asha: CustomUser, course: Course) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    assert run_job(job_id=job.pk, most_seconds=0) is True
    job.refresh_from_db()
    assert (job.status, job.claimed_until) == ("running", None)
    assert sweep_jobs(most_seconds=60) == 1
    job.refresh_from_db()
    assert (job.status, job.drafts.count()) == ("succeeded", 4)


def test_a_long_content_is_drafted_from_in_steps(asha: CustomUser, course: Course, lesson: Content) -> None:
    sentences = " ".join(f"Sentence {n} says that number{n} follows." for n in range(40))
    Content.objects.filter(pk=lesson.pk).update(text_html=f"<p>{sentences}</p>")
    job = ask_for_drafts(user=asha, kind="flashcards", count=25, difficulty="easy", content_id=lesson.pk)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert [step["count"] for step in job.plan] == [10, 10, 5]
    fronts = [draft.body["front"] for draft in drafts_of(job)]
    assert len(set(fronts)) == len(fronts)


def test_a_content_that_gave_less_is_not_asked_again(
    asha: CustomUser, course: Course, lesson: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = []

    def gives_none(_source: Any, asked_for: Any, **_kwargs: Any) -> Making:
        wanted.append(asked_for.count)
        return Making()

    monkeypatch.setattr(running, "make", gives_none)
    job = ask_for_drafts(user=asha, kind="questions", count=50, difficulty="easy", content_id=lesson.pk)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert wanted == [10]
    assert (job.status, job.percent) == ("succeeded", 100)


# --- held -----------------------------------------------------------------------------------------
def test_a_worker_whose_claim_was_taken_writes_nothing(
    asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    make = running.make
    taken = timezone.now() + timedelta(minutes=3)

    def is_slow(*args: Any, **kwargs: Any) -> Making:
        Job.objects.update(claimed_until=taken)
        return make(*args, **kwargs)

    monkeypatch.setattr(running, "make", is_slow)
    assert run_job(job_id=job.pk) is False
    job.refresh_from_db()
    assert (job.status, job.steps_done, job.claimed_until) == ("running", 0, taken)
    assert not Draft.objects.exists()


def test_nobody_takes_a_job_that_is_held(asha: CustomUser, lesson: Content) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", content_id=lesson.pk)
    Job.objects.update(claimed_until=timezone.now() + timedelta(minutes=1), status="running")
    assert sweep_jobs(most_seconds=60) == 0
    assert run_job(job_id=job.pk) is False
    assert not Draft.objects.exists()
    Job.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert sweep_jobs(most_seconds=60) == 1
    assert Draft.objects.exists()


def test_a_content_that_goes_while_it_is_written_about_is_passed_over(
    asha: CustomUser, course: Course, lesson: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    make = running.make

    def goes(source: Any, *args: Any, **kwargs: Any) -> Making:
        if source.content_id == lesson.pk:
            lesson.delete()
            return Making()
        return make(source, *args, **kwargs)

    monkeypatch.setattr(running, "make", goes)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.drafts.count()) == ("succeeded", 4)  # another content gave what it would have given
    assert lesson.pk not in job.drafts.values_list("content_id", flat=True)


@pytest.mark.django_db(transaction=True)
def test_drafts_of_a_content_that_is_gone_are_not_stored(
    asha: CustomUser, course: Course, lesson: Content, monkeypatch: pytest.MonkeyPatch, tasks_wait: None
) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", course_id=course.pk)
    make = running.make

    def goes(source: Any, *args: Any, **kwargs: Any) -> Making:
        making = make(source, *args, **kwargs)
        Content.objects.filter(pk=lesson.pk).delete()
        return making

    monkeypatch.setattr(running, "make", goes)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.drafts.count()) == ("succeeded", 4)  # another content gave what it would have given
    assert lesson.pk not in job.drafts.values_list("content_id", flat=True)


def test_what_a_content_is_too_poor_for_is_asked_of_the_others(
    asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = make_content(Module.objects.get(course=course), title="Long", text_html=f"<p>{'la ' * 2000}</p>", order=9)
    job = ask_for_drafts(user=asha, kind="questions", count=6, difficulty="easy", course_id=course.pk)
    percents, make = [], running.make

    def watched(*args: Any, **kwargs: Any) -> Making:
        percents.append(Job.objects.get(pk=job.pk).percent)
        return make(*args, **kwargs)

    monkeypatch.setattr(running, "make", watched)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.percent, job.drafts.count()) == ("succeeded", 100, 6)
    assert poor.pk in [step["content_id"] for step in job.plan if step["round"] == 0]
    assert poor.pk not in [step["content_id"] for step in job.plan if step["round"] == 1]
    assert percents == sorted(percents)
    assert max(percents) < 100


def test_what_no_content_can_give_is_not_asked_for_again_and_again(asha: CustomUser, course: Course) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=50, difficulty="easy", course_id=course.pk)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.status == "succeeded"
    assert 10 < job.drafts.count() < 50
    assert {step["round"] for step in job.plan} == {0}


def test_a_job_is_deleted_with_its_drafts_even_while_it_runs(
    ashas: APIClient, asha: CustomUser, lesson: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask_for_drafts(user=asha, kind="questions", count=4, difficulty="easy", content_id=lesson.pk)
    make = running.make

    def is_deleted(*args: Any, **kwargs: Any) -> Making:
        assert ashas.delete(f"{JOBS}{job.pk}/").status_code == 204
        return make(*args, **kwargs)

    monkeypatch.setattr(running, "make", is_deleted)
    assert run_job(job_id=job.pk) is False
    assert not Job.objects.exists()
    assert not Draft.objects.exists()
    assert ashas.delete(f"{JOBS}{job.pk}/").status_code == 404


def test_a_claim_lasts_as_long_as_a_step_may_take(settings: Any) -> None:
    settings.AI_MODELS, settings.AI_TIMEOUT_SECONDS = [], 30
    assert running.claim_time() == timedelta(minutes=2)
    settings.AI_MODELS = ["one", "two"]
    assert running.claim_time() == timedelta(minutes=2, seconds=2 * MOST_CALLS * 30)


def test_the_modules_title_is_the_topic_of_a_content_without(asha: CustomUser, course: Course) -> None:
    plain = make_content(Module.objects.get(course=course), text_html=f"<p>{WATER}</p>")
    job = ask_for_drafts(user=asha, kind="questions", count=1, difficulty="easy", content_id=plain.pk)
    run_job(job_id=job.pk)
    assert drafts_of(job)[0].body["topic"] == "First steps"
