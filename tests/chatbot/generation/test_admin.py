"""Drafts are looked after in the back office by the same rules as over the API."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import CustomUser
from chatbot.models import Draft, Job
from courses.models import Course, Question, Quiz
from tests.chatbot.generation.conftest import Drafted, drafts_of
from tests.factories.people import person
from tests.factories.quizzes import course_with_quiz

pytestmark = pytest.mark.django_db
JOBS, DRAFTS = "/admin/chatbot/job/", "/admin/chatbot/draft/"


def staff_client(user: CustomUser) -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name="instructor"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(asha: CustomUser, course: Course) -> Client:
    """Asha's back office."""
    return staff_client(asha)


def page(draft: Draft) -> str:
    return f"{DRAFTS}{draft.pk}/change/"


def saved(client: Client, draft: Draft, body: Any, **pressed: Any) -> str:
    """Send the draft's page; returns what is then shown."""
    answer = client.post(page(draft), {"body": json.dumps(body)} | pressed, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_instructor_sees_jobs_and_drafts_of_own_courses_alone(office: Client, drafted: Drafted) -> None:
    job = drafted()
    [draft, *_] = drafts_of(job)
    colleague = staff_client(person("colleague", role="instructor"))
    assert "Weather" in office.get(JOBS).content.decode()
    assert "Weather" in office.get(DRAFTS).content.decode()
    assert office.get(f"{JOBS}{job.pk}/change/").status_code == office.get(page(draft)).status_code == 200
    assert "Weather" not in colleague.get(JOBS).content.decode()
    assert "Weather" not in colleague.get(DRAFTS).content.decode()
    assert colleague.get(page(draft)).status_code == 302
    colleague.post(page(draft), {"body": "{}", "chatbot_draft_reject": "1"})
    assert {draft.status for draft in drafts_of(job)} == {"waiting"}


def test_a_draft_is_edited_and_accepted_into_a_quiz_of_its_course(
    office: Client, quiz: Quiz, asha: CustomUser, drafted: Drafted
) -> None:
    [draft, *_] = drafts_of(drafted())
    _course, elsewhere = course_with_quiz(asha, title="Elsewhere")
    shown = office.get(page(draft)).content.decode()
    assert f'value="{quiz.pk}"' in shown
    assert "Elsewhere" not in shown
    saved(office, draft, draft.body | {"question_text": "Edited?"}, quiz=elsewhere.pk, chatbot_draft_accept="1")
    assert not Question.objects.filter(question_text="Edited?").exists()
    saved(office, draft, draft.body | {"question_text": "Edited?"}, quiz=quiz.pk, chatbot_draft_accept="1")
    draft.refresh_from_db()
    assert draft.status == "accepted"
    assert quiz.questions.get().question_text == "Edited?"
    assert office.post(page(draft), {"body": "{}"}).status_code == 403


def test_without_a_quiz_nothing_is_kept(office: Client, drafted: Drafted) -> None:
    [draft, *_] = drafts_of(drafted())
    assert "Say which quiz" in saved(
        office, draft, draft.body | {"question_text": "Edited?"}, quiz="", chatbot_draft_accept="1"
    )
    kept = Draft.objects.get(pk=draft.pk)
    assert (kept.status, kept.body) == ("waiting", draft.body)


def test_an_edited_body_is_kept(office: Client, drafted: Drafted) -> None:
    [draft, *_] = drafts_of(drafted())
    body = {"question_text": "How much?", "question_type": "numeric", "number": 12.5}
    saved(office, draft, body, quiz="", _save="1")
    draft.refresh_from_db()
    assert (draft.status, draft.body["number"], draft.body["points"]) == ("waiting", 12.5, 1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "Enter a valid JSON"),
        ("[1]", "Invalid data"),
        ('{"question_text": "Why?"}', "question_type"),
        ('{"question_text": "Why?", "question_type": "numeric"}', "Give the number that is right"),
        ('{"question_text": "Why?", "question_type": "matching", "pairs": [{"left": "a"}]}', "pairs.0.right"),
    ],
)
def test_a_body_that_could_not_be_asked_is_refused(office: Client, drafted: Drafted, body: str, said: str) -> None:
    [draft, *_] = drafts_of(drafted())
    answer = office.post(page(draft), {"body": body, "quiz": "", "_save": "1"})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Draft.objects.get(pk=draft.pk).body == draft.body


def test_a_summary_needs_no_quiz(office: Client, drafted: Drafted) -> None:
    [draft] = drafts_of(drafted(kind="summary"))
    assert 'name="quiz"' not in office.get(page(draft)).content.decode()
    saved(office, draft, {"text": "In short."}, chatbot_draft_accept="1")
    draft.refresh_from_db()
    assert (draft.status, draft.body) == ("accepted", {"text": "In short."})


def test_drafts_are_rejected_one_by_one_and_together(office: Client, quiz: Quiz, drafted: Drafted) -> None:
    job = drafted()
    first, second, third = drafts_of(job)
    saved(office, first, first.body, quiz="", chatbot_draft_reject="1")
    saved(office, second, second.body, quiz=quiz.pk, chatbot_draft_accept="1")
    chosen = {"action": "reject_chosen", "_selected_action": [first.pk, second.pk, third.pk]}
    said = [str(message) for message in office.post(DRAFTS, chosen, follow=True).context["messages"]]
    assert said[-1] == "1 draft rejected."
    assert [refusal.split(":")[0] for refusal in said[:-1]] == [str(first), str(second)]
    assert [draft.status for draft in drafts_of(job)] == ["rejected", "accepted", "rejected"]


def test_nothing_is_added_or_deleted_by_hand(client: Client, admin: CustomUser, drafted: Drafted) -> None:
    job = drafted()
    client.force_login(admin)
    for address in (
        f"{JOBS}add/",
        f"{DRAFTS}add/",
        f"{JOBS}{job.pk}/delete/",
        f"{DRAFTS}{drafts_of(job)[0].pk}/delete/",
    ):
        assert client.get(address).status_code == 403
    assert Job.objects.count() == 1
