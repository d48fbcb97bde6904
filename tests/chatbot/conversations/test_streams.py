"""The answer as it is written: by server-sent events, from a model that a stand-in plays."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import AsyncClient
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.conversations import running
from chatbot.conversations.services import ask
from chatbot.models import Conversation, DayBudget, Message
from tests.chatbot.conversations.conftest import QUESTION
from tests.chatbot.providers.model_server import Fault, ModelServer
from tests.factories.people import token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]
Model = Callable[..., ModelServer]
SAID = "Water boils at a hundred degrees [1]. It freezes at zero [9]."


def events(content: Iterator[bytes]) -> list[tuple[str, Any]]:
    blocks = b"".join(content).decode().split("\n\n")
    pairs = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks if block.startswith("event")]
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]


def streamed(client: APIClient, path: str, content: str = QUESTION) -> Any:
    return client.post(path, {"content": content}, format="json", HTTP_ACCEPT="text/event-stream")


def test_words_then_citations_then_the_message(bilals: APIClient, messages: str, model: Model) -> None:
    model(SAID)
    response = streamed(bilals, messages)
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    assert (response["X-Accel-Buffering"], response["Cache-Control"]) == ("no", "no-cache, no-transform")
    heard = events(response.streaming_content)
    kinds = [kind for kind, _fields in heard]
    assert kinds == ["delta"] * (len(kinds) - 2) + ["citation", "done"]
    text = "".join(fields["content"] for kind, fields in heard if kind == "delta")
    done = heard[-1][1]
    assert text == done["content"] == "Water boils at a hundred degrees [1]. It freezes at zero."
    assert done["citations"] == [heard[-2][1]]
    assert (done["state"], done["model"]) == ("complete", "stand-in")
    assert done["tokens"] == DayBudget.objects.get().tokens > 0


def test_an_answer_without_a_source_is_not_shown(bilals: APIClient, messages: str, model: Model) -> None:
    model("The moon is made of cheese, everybody knows.")
    heard = events(streamed(bilals, messages).streaming_content)
    assert "cheese" not in str(heard)
    assert heard[-1][1]["state"] == "declined"
    assert DayBudget.objects.get().tokens > 0  # it was written all the same


def test_refusals_come_before_the_stream_as_json(
    bilals: APIClient, chitras: APIClient, messages: str, settings: Any
) -> None:
    assert streamed(chitras, messages).json()["errors"][0]["code"] == "not_found"
    assert streamed(bilals, messages, "").status_code == 400
    settings.TUTOR_MESSAGES_A_DAY = 0
    assert streamed(bilals, messages).status_code == 429
    assert running._places._value == running.MOST_AT_ONCE


def test_a_stream_that_breaks_ends_in_an_error_and_is_kept(bilals: APIClient, messages: str, model: Model) -> None:
    server = model(SAID)
    server.faults.append(Fault(cut_at=1600))
    heard = events(streamed(bilals, messages).streaming_content)
    assert heard[-1][0] == "error"
    assert heard[-1][1]["code"] == "tutor_broke_off"
    kept = Message.objects.get(role="assistant")
    assert kept.state == "broken"
    assert kept.reserved_tokens == 0
    assert kept.content == "".join(fields["content"] for kind, fields in heard if kind == "delta")
    assert DayBudget.objects.get().tokens == kept.prompt_tokens + kept.completion_tokens


def test_who_stops_reading_ends_the_call_and_what_came_is_kept(
    bilal: CustomUser, conversation: Conversation, model: Model
) -> None:
    server = model(SAID * 200)
    server.pause = 0.01
    answer: Any = ask(user=bilal, conversation_id=conversation.pk, content=QUESTION, language="en")
    words = next(answer).content
    answer.close()
    assert server.left.wait(10)
    kept = Message.objects.get(role="assistant")
    assert (kept.state, kept.content) == ("broken", words)
    assert 0 < DayBudget.objects.get().tokens == kept.prompt_tokens + kept.completion_tokens


def test_a_silent_model_is_waited_for_with_signs_of_life(
    bilals: APIClient, messages: str, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEARTBEAT_SECONDS", 0.05)
    model(SAID).pause = 0.2
    assert b": still writing\n\n" in list(streamed(bilals, messages).streaming_content)


def test_no_more_are_written_at_once_than_there_are_threads(
    bilals: APIClient, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_places", running.BoundedSemaphore(1))
    running._places.acquire()
    assert streamed(bilals, messages).json()["errors"][0]["code"] == "tutor_busy"
    assert Message.objects.count() == 0


async def test_under_a_loop_each_word_is_sent_as_it_comes(bilal: CustomUser, messages: str, model: Model) -> None:
    from asgiref.sync import sync_to_async

    (await sync_to_async(model)(SAID)).pause = 0.05
    token = await sync_to_async(token_for)(bilal)
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    response: Any = await AsyncClient().post(messages, {"content": QUESTION}, "application/json", headers=headers)
    assert isinstance(response.asgi_request, ASGIRequest)
    assert response.is_async
    heard = events(iter([part async for part in response.streaming_content]))
    assert [kind for kind, _fields in heard][-2:] == ["citation", "done"]
    assert len(heard) > 5
