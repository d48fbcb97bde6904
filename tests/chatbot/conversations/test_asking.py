"""A question from end to end, without a model: from the learner's own lessons, and from nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.conversations.selectors import said_before
from chatbot.conversations.services.asking import language_of_answer
from chatbot.conversations.texts import NOT_FOUND
from chatbot.models import Citation, Conversation, DayBudget, Faq, Flag, Message
from chatbot.retrieval.services import index_course
from courses.assessment.services import start_attempt
from courses.models import Course, Module
from tests.chatbot.conversations.conftest import BOILING, QUESTION
from tests.conftest import ClientFor
from tests.factories.courses import make_content, make_course
from tests.factories.quizzes import make_quiz, true_false

pytestmark = pytest.mark.django_db
CONVERSATIONS = "/api/chatbot/conversations/"


def ask(client: APIClient, path: str, content: str = QUESTION, **headers: str) -> Any:
    return client.post(path, {"content": content}, format="json", **headers)  # type: ignore[arg-type]


def test_an_answer_is_from_the_lesson_and_says_from_where(bilals: APIClient, messages: str, course: Course) -> None:
    answer = ask(bilals, messages)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["role"], body["state"], body["model"]) == ("assistant", "complete", "extract")
    assert "Water boils at a hundred degrees." in body["content"]
    [cited] = body["citations"]
    assert cited["quote"] in BOILING
    assert (cited["title"], cited["course_id"], cited["start_seconds"]) == ("Boiling water", course.pk, None)
    assert f"[{cited['number']}]" in body["content"]


def test_the_conversation_keeps_it(bilals: APIClient, messages: str, conversation: Conversation) -> None:
    answer = ask(bilals, messages).json()
    kept = bilals.get(f"{CONVERSATIONS}{conversation.pk}/").json()
    assert kept["title"] == QUESTION
    assert [message["content"] for message in kept["messages"]] == [QUESTION, answer["content"]]
    assert kept["messages"][1] == answer


@pytest.mark.parametrize("question", ["Who won the cricket world cup?", "What is photosynthesis?", "asdf"])
def test_what_no_lesson_holds_is_declined(bilals: APIClient, messages: str, question: str) -> None:
    body = ask(bilals, messages, question).json()
    assert (body["state"], body["citations"], body["tokens"]) == ("declined", [], 0)
    assert body["content"] == str(NOT_FOUND)


def test_a_course_not_taken_is_not_answered_from(asha: CustomUser, bilals: APIClient, course: Course) -> None:
    other = make_course(asha, contents=0, title="Volcanoes")
    make_content(Module.objects.get(course=other), title="Lava", text_html="<p>Lava is molten rock from a volcano.</p>")
    index_course(course_id=other.pk)
    anywhere = bilals.post(CONVERSATIONS, {}, format="json").json()["id"]
    body = ask(bilals, f"{CONVERSATIONS}{anywhere}/messages/", "What is lava from a volcano?").json()
    assert body["state"] == "declined"
    assert "molten" not in body["content"]


def test_a_frequent_question_is_answered_first(bilals: APIClient, messages: str) -> None:
    Faq.objects.create(
        question="How do I reset my password?", answer="By the link on the sign-in page.", category="account"
    )
    body = ask(bilals, messages, "How do I reset my password?").json()
    assert (body["content"], body["model"], body["tokens"]) == ("By the link on the sign-in page.", "faq", 0)


def test_what_an_open_attempt_asks_is_declined(
    bilal: CustomUser, bilals: APIClient, course: Course, conversation: Conversation, messages: str
) -> None:
    before = ask(bilals, messages).json()
    assert before["state"] == "complete"
    quiz = make_quiz(course, [true_false("Water boils at how many degrees?")])
    start_attempt(learner=bilal, quiz_id=quiz.pk)

    for said in (QUESTION, "So how many degrees until water boils?", "Water and degrees: tell me when it boils"):
        body = ask(bilals, messages, said).json()
        assert body["state"] == "declined", said
        assert "hundred" not in body["content"]
    assert ask(bilals, messages, "What are clouds made of?").json()["state"] == "complete"
    assert [asked for asked, _answer in said_before(conversation.pk, 10**9)] == [QUESTION, "What are clouds made of?"]


@pytest.mark.parametrize(
    ("question", "caller", "answered"),
    [
        ("ज्वालामुखी क्या होता है?", "en", "hi"),
        ("What is lava?", "en", "en"),
        ("Lava kya hai?", "hi", "hi"),
        ("पाठ 3: explain the water cycle to me", "en", "en"),
        ("2 + 2?", "hi-in", "hi"),
    ],
)
def test_the_language_of_an_answer(question: str, caller: str, answered: str) -> None:
    assert language_of_answer(question, caller) == answered


@pytest.mark.parametrize("content", ["", "   ", "x" * 4001, None, 5, ["x"]])
def test_what_is_no_question_is_refused(bilals: APIClient, messages: str, content: Any) -> None:
    answer = bilals.post(messages, {"content": content}, format="json")
    assert answer.status_code == (201 if content == 5 else 400)
    assert Message.objects.filter(state="pending").count() == 0


def test_the_same_question_sent_again_is_asked_once(bilals: APIClient, messages: str) -> None:
    first = ask(bilals, messages, HTTP_IDEMPOTENCY_KEY="one")
    again = ask(bilals, messages, HTTP_IDEMPOTENCY_KEY="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Message.objects.count() == 2


# --- whose ---------------------------------------------------------------------------------------
def test_a_stranger_finds_nothing(
    bilals: APIClient,
    chitras: APIClient,
    anonymous: APIClient,
    messages: str,
    conversation: Conversation,
    course: Course,
) -> None:
    answer = ask(bilals, messages).json()
    one, content = f"{CONVERSATIONS}{conversation.pk}/", Module.objects.get(course=course).contents.first()
    assert content is not None
    calls: list[tuple[str, str, Any]] = [
        ("get", one, None),
        ("delete", one, None),
        ("post", messages, {"content": QUESTION}),
        ("post", f"/api/chatbot/messages/{answer['id']}/feedback/", {"helpful": True}),
        ("post", CONVERSATIONS, {"course_id": course.pk}),
        ("post", CONVERSATIONS, {"content_id": content.pk}),
        ("get", f"/api/chatbot/courses/{course.pk}/transcripts/", None),
        ("get", f"/api/chatbot/courses/{course.pk}/transcripts/{conversation.pk}/", None),
    ]
    for method, path, body in calls:
        assert getattr(chitras, method)(path, body, format="json").status_code == 404, path
        assert getattr(anonymous, method)(path, body, format="json").status_code == 401, path
    assert chitras.get(CONVERSATIONS).json()["results"] == []
    assert Message.objects.count() == 2


def test_a_conversation_is_about_what_is_open(bilals: APIClient, course: Course, asha: CustomUser) -> None:
    content = Module.objects.get(course=course).contents.first()
    assert content is not None
    opened = bilals.post(CONVERSATIONS, {"content_id": content.pk}, format="json").json()
    assert (opened["course_id"], opened["content_id"]) == (course.pk, content.pk)
    other = make_course(asha)
    enrolled_elsewhere = bilals.post(CONVERSATIONS, {"content_id": content.pk, "course_id": other.pk}, format="json")
    assert enrolled_elsewhere.status_code == 404


def test_an_enrolment_that_ended_answers_nothing_more(
    bilal: CustomUser, bilals: APIClient, course: Course, messages: str
) -> None:
    course.enrollments.update(is_active=False)
    assert ask(bilals, messages).json()["state"] == "declined"


def test_deleting_takes_all_words(bilals: APIClient, messages: str, conversation: Conversation) -> None:
    ask(bilals, messages)
    assert bilals.delete(f"{CONVERSATIONS}{conversation.pk}/").status_code == 204
    assert (Message.objects.count(), Citation.objects.count()) == (0, 0)
    assert DayBudget.objects.get().messages == 1


def test_feedback_is_kept_and_the_last_word_counts(bilals: APIClient, messages: str) -> None:
    path = f"/api/chatbot/messages/{ask(bilals, messages).json()['id']}/feedback/"
    for helpful in (True, False):
        assert bilals.post(path, {"helpful": helpful, "comment": "why"}, format="json").status_code == 204
    answer = Message.objects.get(role="assistant")
    assert (answer.is_helpful, answer.feedback) == (False, "why")
    question = Message.objects.get(role="user")
    of_a_question = bilals.post(f"/api/chatbot/messages/{question.pk}/feedback/", {"helpful": True}, format="json")
    assert of_a_question.status_code == 404


# --- what is severe -------------------------------------------------------------------------------
def test_severe_words_are_answered_kindly_and_flagged(
    bilal: CustomUser, bilals: APIClient, messages: str, conversation: Conversation, admin: CustomUser
) -> None:
    body = ask(bilals, messages, "I want to kill myself").json()
    assert (body["state"], body["model"], body["tokens"]) == ("declined", "", 0)
    assert "1098" in body["content"]
    flag = Flag.objects.get()
    assert (flag.user, flag.kind, flag.words) == (bilal, "self_harm", "I want to kill myself")
    assert not DayBudget.objects.exists()
    conversation.refresh_from_db()
    assert conversation.title == ""

    assert bilals.delete(f"{CONVERSATIONS}{conversation.pk}/").status_code == 204
    flag.refresh_from_db()
    assert (flag.message, flag.words) == (None, "I want to kill myself")


def test_who_needs_help_waits_for_no_answer_and_no_budget(
    bilals: APIClient, messages: str, conversation: Conversation, settings: Any
) -> None:
    settings.TUTOR_MESSAGES_A_DAY = 0
    Message.objects.create(conversation=conversation, role="assistant", state="pending")
    assert ask(bilals, messages, "my uncle touched me there").status_code == 201
    assert ask(bilals, messages).status_code == 429


# --- transcripts ----------------------------------------------------------------------------------
def test_who_teaches_reads_their_course_and_no_flagged_word(
    ashas: APIClient, bilals: APIClient, bilal: CustomUser, course: Course, messages: str, conversation: Conversation
) -> None:
    ask(bilals, messages)
    ask(bilals, messages, "my teacher hits me")
    apart = bilals.post(CONVERSATIONS, {}, format="json").json()["id"]
    ask(bilals, f"{CONVERSATIONS}{apart}/messages/")

    listed = ashas.get(f"/api/chatbot/courses/{course.pk}/transcripts/").json()["results"]
    assert [(row["id"], row["learner"]["full_name"]) for row in listed] == [(conversation.pk, bilal.full_name)]
    read = ashas.get(f"/api/chatbot/courses/{course.pk}/transcripts/{conversation.pk}/").json()
    assert [message["role"] for message in read["messages"]] == ["user", "assistant"]
    assert "hits" not in str(read)
    assert "1098" not in str(read)
    assert ashas.get(f"/api/chatbot/courses/{course.pk}/transcripts/{apart}/").status_code == 404


def test_another_teacher_and_the_learner_read_no_transcripts(
    chitra: CustomUser, client_for: ClientFor, bilals: APIClient, course: Course
) -> None:
    make_course(chitra, title="Hers")
    for client in (client_for(chitra), bilals):
        assert client.get(f"/api/chatbot/courses/{course.pk}/transcripts/").status_code == 404


# --- costs ----------------------------------------------------------------------------------------
def test_a_message_takes_so_many_statements(bilals: APIClient, messages: str, on_postgresql: bool) -> None:
    ask(bilals, messages, "What are clouds made of?")
    with CaptureQueriesContext(connection) as statements:
        assert ask(bilals, messages).json()["state"] == "complete"
    # Session; BEGIN, conversation, budget, question, answer, COMMIT; attempts, passages, history; the call; settling.
    assert len(statements) <= (14 if on_postgresql else 18)


def test_lists_cost_the_same_for_one_and_for_three(
    bilal: CustomUser, bilals: APIClient, ashas: APIClient, course: Course
) -> None:
    def costs(client: APIClient, path: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    paths = [(bilals, CONVERSATIONS), (ashas, f"/api/chatbot/courses/{course.pk}/transcripts/")]
    first = Conversation.objects.create(user=bilal, course=course, title="One")
    of_one = [costs(*path) for path in paths]
    for title in ("Two", "Three"):
        Conversation.objects.create(user=bilal, course=course, title=title)
    assert [costs(*path) for path in paths] == of_one
    assert of_one[0] <= 2
    assert of_one[1] <= 4

    ask(bilals, f"{CONVERSATIONS}{first.pk}/messages/")
    one = costs(bilals, f"{CONVERSATIONS}{first.pk}/")
    ask(bilals, f"{CONVERSATIONS}{first.pk}/messages/", "What are clouds made of?")
    assert costs(bilals, f"{CONVERSATIONS}{first.pk}/") == one <= 4
