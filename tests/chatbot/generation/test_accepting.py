"""What is drafted becomes a question, a summary or a card when its owner accepts it, and not before."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.models import Draft, Job
from courses.models import Content, Course, Question, Quiz
from tests.chatbot.generation.conftest import Drafted, accept, drafts_of
from tests.factories.quizzes import course_with_quiz

pytestmark = pytest.mark.django_db


def study(client: APIClient, content: Content) -> Any:
    return client.get(f"/api/chatbot/contents/{content.pk}/study/")


def reject(client: APIClient, job: Job, *ids: int) -> Any:
    return client.post(f"/api/chatbot/jobs/{job.pk}/reject/", {"drafts": ids}, format="json")


def codes_of(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["attr"]) for error in answer.json()["errors"]]


def states(job: Job) -> list[str]:
    return [draft.status for draft in drafts_of(job)]


# --- questions ------------------------------------------------------------------------------------
def test_accepted_drafts_are_questions_as_they_were_edited(
    ashas: APIClient, asha: CustomUser, quiz: Quiz, course: Course, drafted: Drafted
) -> None:
    job = drafted()
    first, second, third = drafts_of(job)
    before = Course.objects.get(pk=course.pk).version
    answer = accept(ashas, job, quiz, {"id": third.pk}, {"id": first.pk, "question_text": "Edited?", "points": 3})
    assert answer.status_code == 201
    questions = answer.json()["questions"]
    assert [one["question_text"] for one in questions] == [third.body["question_text"], "Edited?"]
    assert [one["points"] for one in questions] == [1, 3]
    assert ashas.get("/api/courses/questions/", {"quiz_id": quiz.pk}).json()["results"] == questions
    assert Course.objects.get(pk=course.pk).version > before

    for draft, question in zip((third, first), questions, strict=True):
        draft.refresh_from_db()
        assert (draft.status, draft.question_id, draft.decided_by) == ("accepted", question["id"], asha)
        assert draft.decided_at
    assert first.body["question_text"] == "Edited?"
    second.refresh_from_db()
    assert (second.status, second.question_id) == ("waiting", None)


def test_a_question_may_be_made_one_of_another_type(ashas: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted(question_types=["fill_in_blank"])
    [draft, *_] = drafts_of(job)
    edited = {"question_type": "numeric", "number": 100.5, "tolerance": 0.25}
    [question] = accept(ashas, job, quiz, {"id": draft.pk, **edited}).json()["questions"]
    assert (question["number"], question["tolerance"]) == (100.5, 0.25)
    assert "accepted_answers" not in question
    draft.refresh_from_db()
    assert (draft.body["number"], draft.body["explanation"]) == (100.5, question["explanation"])
    assert "accepted_answers" not in draft.body


@pytest.mark.parametrize(
    ("edited", "error"),
    [
        ({"question_text": ""}, ("blank", "drafts.1.question_text")),
        ({"points": 0}, ("min_value", "drafts.1.points")),
        ({"question_type": "numeric"}, ("required", "drafts.1.number")),
        ({"question_type": "numeric", "number": "123456789.00000001"}, ("max_digits", "drafts.1.number")),
        ({"question_type": "multiple_choice", "options": []}, ("invalid", "drafts.1.options")),
        ({"question_type": "multiple_choice", "options": [{}]}, ("required", "drafts.1.options.0.option_text")),
        ({"accepted_answers": []}, ("invalid", "drafts.1.accepted_answers")),
        ({"pairs": [{"left": "a", "right": "b"}]}, ("not_for_this_type", "drafts.1.pairs")),
    ],
)
def test_what_could_not_be_graded_is_refused_with_all_the_rest(
    ashas: APIClient, quiz: Quiz, drafted: Drafted, edited: dict[str, Any], error: tuple[str, str]
) -> None:
    job = drafted(question_types=["fill_in_blank"])
    first, second, _third = drafts_of(job)
    answer = accept(ashas, job, quiz, {"id": first.pk}, {"id": second.pk, **edited})
    assert (answer.status_code, codes_of(answer)) == (400, [error])
    assert states(job) == ["waiting"] * 3
    assert not Question.objects.exists()


def test_drafts_and_quiz_have_to_fit_the_job(
    ashas: APIClient, asha: CustomUser, chitra: CustomUser, quiz: Quiz, drafted: Drafted
) -> None:
    job, other = drafted(), drafted()
    [draft, *_] = drafts_of(job)
    _course, elsewhere = course_with_quiz(asha)
    _course, foreign = course_with_quiz(chitra)
    one = {"id": draft.pk}
    assert codes_of(accept(ashas, job, None, one)) == [("required", "quiz_id")]
    assert codes_of(accept(ashas, job, elsewhere, one)) == [("quiz_of_another_course", "quiz_id")]
    assert accept(ashas, job, foreign, one).status_code == 404
    assert codes_of(accept(ashas, other, quiz, one)) == [("no_such_draft", "drafts.0.id")]
    assert codes_of(accept(ashas, job, quiz, one, one)) == [("comes_twice", "drafts.1.id")]
    assert codes_of(accept(ashas, job, quiz)) == [("min_length", "drafts")]
    assert codes_of(accept(ashas, job, quiz, {})) == [("required", "drafts.0.id")]
    assert set(states(job)) == {"waiting"}


def test_a_draft_is_decided_once(ashas: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted()
    first, second, third = drafts_of(job)
    assert accept(ashas, job, quiz, {"id": first.pk}).status_code == 201
    assert reject(ashas, job, second.pk).status_code == 204
    for refused in (
        accept(ashas, job, quiz, {"id": third.pk}, {"id": first.pk}),
        accept(ashas, job, quiz, {"id": second.pk}),
        reject(ashas, job, third.pk, first.pk),
        reject(ashas, job, second.pk),
    ):
        assert (refused.status_code, codes_of(refused)) == (409, [("draft_decided", None)])
    assert states(job) == ["accepted", "rejected", "waiting"]
    assert quiz.questions.count() == 1


def test_the_same_accept_again_gets_the_same_answer(ashas: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted()
    chosen = {"id": drafts_of(job)[0].pk, "question_text": "Edited?"}
    answers = [accept(ashas, job, quiz, chosen, **{"Idempotency-Key": "lost"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert quiz.questions.count() == 1


def test_a_rejection_may_be_sent_again(ashas: APIClient, drafted: Drafted) -> None:
    job = drafted()
    body, key = {"drafts": [drafts_of(job)[0].pk]}, {"Idempotency-Key": "lost"}
    path = f"/api/chatbot/jobs/{job.pk}/reject/"
    assert [ashas.post(path, body, format="json", headers=key).status_code for _ in range(2)] == [204, 204]


def test_an_admin_accepts_for_the_owner(admins: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted()
    assert accept(admins, job, quiz, {"id": drafts_of(job)[0].pk}).status_code == 201


def test_many_are_accepted_by_as_many_statements_as_one(ashas: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted(count=6, question_types=["fill_in_blank"])
    one, *rest = [{"id": draft.pk} for draft in drafts_of(job)]
    assert len(rest) >= 3
    counts = []
    for chosen in ([one], rest):
        with CaptureQueriesContext(connection) as seen:
            assert accept(ashas, job, quiz, *chosen).status_code == 201
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_questions_stay_when_their_job_goes(ashas: APIClient, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted()
    accept(ashas, job, quiz, {"id": drafts_of(job)[0].pk})
    assert ashas.delete(f"/api/chatbot/jobs/{job.pk}/").status_code == 204
    assert not Draft.objects.exists()
    assert quiz.questions.count() == 1


# --- summaries and cards --------------------------------------------------------------------------
def test_learners_read_what_was_accepted_and_nothing_else(
    ashas: APIClient, bilals: APIClient, lesson: Content, drafted: Drafted
) -> None:
    nothing = {"summary": "", "flashcards": []}
    summary, cards, questions = drafted(kind="summary"), drafted(kind="flashcards"), drafted()
    assert study(bilals, lesson).json() == nothing
    [draft] = drafts_of(summary)
    first, second, third = drafts_of(cards)
    assert accept(ashas, summary, None, {"id": draft.pk, "text": "In short."}).json() == {"questions": []}
    assert accept(ashas, cards, None, {"id": first.pk}, {"id": third.pk, "back": "Edited"}).status_code == 201
    assert reject(ashas, cards, second.pk).status_code == 204
    shown = study(bilals, lesson).json()
    assert shown["summary"] == "In short."
    assert shown["flashcards"] == [first.body, {"front": third.body["front"], "back": "Edited"}]
    assert questions.drafts.filter(status="waiting").exists()

    assert reject(ashas, summary, draft.pk).status_code == 204
    assert reject(ashas, cards, first.pk, third.pk).status_code == 204
    assert study(bilals, lesson).json() == nothing


def test_the_summary_that_was_accepted_last_is_shown(ashas: APIClient, lesson: Content, drafted: Drafted) -> None:
    for text in ("First.", "Second."):
        job = drafted(kind="summary")
        accept(ashas, job, None, {"id": drafts_of(job)[0].pk, "text": text})
    assert study(ashas, lesson).json()["summary"] == "Second."


def test_a_blank_summary_or_card_is_refused(ashas: APIClient, drafted: Drafted) -> None:
    for kind, field in (("summary", "text"), ("flashcards", "front"), ("flashcards", "back")):
        job = drafted(kind=kind)
        answer = accept(ashas, job, None, {"id": drafts_of(job)[0].pk, field: " "})
        assert codes_of(answer) == [("blank", f"drafts.0.{field}")]


def test_only_who_may_open_the_content_studies_it(
    ashas: APIClient, bilals: APIClient, chitras: APIClient, anonymous: APIClient, course: Course, lesson: Content
) -> None:
    assert (study(ashas, lesson).status_code, study(bilals, lesson).status_code) == (200, 200)
    refused = study(chitras, lesson)
    assert (refused.status_code, codes_of(refused)) == (403, [("enrollment_required", None)])
    assert study(anonymous, lesson).status_code == 401
    Course.objects.filter(pk=course.pk).update(is_published=False)
    assert study(chitras, lesson).status_code == 404
    assert chitras.get("/api/chatbot/contents/1000000/study/").status_code == 404


def test_studying_costs_three_statements(ashas: APIClient, lesson: Content, drafted: Drafted) -> None:
    job = drafted(kind="flashcards")
    accept(ashas, job, None, *[{"id": draft.pk} for draft in drafts_of(job)])
    with CaptureQueriesContext(connection) as seen:
        assert len(study(ashas, lesson).json()["flashcards"]) == 3
    assert len(seen) == 3


def test_another_content_shows_none_of_it(ashas: APIClient, course: Course, drafted: Drafted) -> None:
    job = drafted(kind="flashcards")
    accept(ashas, job, None, {"id": drafts_of(job)[0].pk})
    assert study(ashas, Content.objects.get(title="Clouds")).json()["flashcards"] == []
