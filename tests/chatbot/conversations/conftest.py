"""A course of Asha's that Bilal learns from and Chitra does not, indexed, and a conversation about it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import CustomUser
from chatbot.models import Conversation
from chatbot.providers import circuit
from chatbot.retrieval.services import index_course
from courses.models import Course, Module
from tests.chatbot.providers.model_server import ModelServer, answers
from tests.factories.courses import enroll, make_content, make_course

BOILING = "Water boils at a hundred degrees. It freezes at zero degrees."
CLOUDS = "Clouds are made of tiny drops of water. Rain falls when the drops grow heavy."
QUESTION = "At how many degrees does water boil?"


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha, contents=0, title="Weather")
    module = Module.objects.get(course=course)
    for order, (title, text) in enumerate([("Boiling water", BOILING), ("Clouds", CLOUDS)], start=1):
        make_content(module, title=title, text_html=f"<p>{text}</p>", order=order)
    index_course(course_id=course.pk)
    enroll(bilal, course)
    return course


@pytest.fixture
def conversation(course: Course, bilal: CustomUser) -> Conversation:
    return Conversation.objects.create(user=bilal, course=course)


@pytest.fixture
def messages(conversation: Conversation) -> str:
    """Where one asks."""
    return f"/api/chatbot/conversations/{conversation.pk}/messages/"


@pytest.fixture
def model(settings: Any) -> Iterator[Callable[..., ModelServer]]:
    """Return a function that has a stand-in answer ``text``, and gives it for its faults to be set."""
    circuit._rests_until.clear()
    servers = []

    def start(text: str, **options: Any) -> ModelServer:
        server = ModelServer(answers(text), **options).__enter__()
        servers.append(server)
        settings.AI_MODELS, settings.AI_BASE_URLS, settings.AI_API_KEYS = ["stand-in"], [server.url], ["sk-secret"]
        settings.AI_TIMEOUT_SECONDS = 3.0
        return server

    yield start
    for server in servers:
        server.__exit__(None, None, None)
    circuit._rests_until.clear()
