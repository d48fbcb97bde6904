"""Models in their order: who is asked when one fails, what is written down, and JSON that is mended or refused."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from chatbot.models import ProviderCall
from chatbot.providers import chain, circuit
from chatbot.providers.base import Piece, ProviderFailed, Usage
from tests.chatbot.providers import model_server
from tests.chatbot.providers.asking import PASSAGE, prompt, text_of, usage_of
from tests.chatbot.providers.conftest import SAID, MakeModels
from tests.chatbot.providers.model_server import Fault, ModelServer, answers

pytestmark = pytest.mark.django_db


class Shape(BaseModel):
    words: list[str]


def ask(**more: Any) -> list[Piece | Usage]:
    return list(chain.stream(prompt(**more), user_id=None, purpose="answer"))


def calls() -> list[tuple[str, str, str]]:
    return list(ProviderCall.objects.order_by("id").values_list("provider", "model", "outcome"))


def test_the_first_model_answers_and_what_it_took_is_written_down(
    models: MakeModels, settings: Any, bilal: Any
) -> None:
    first, second = models(2)
    settings.AI_PRICES_READ, settings.AI_PRICES_WRITTEN = [0.15, 9.0], [0.6, 9.0]
    parts = list(chain.stream(prompt(), user_id=bilal.pk, purpose="answer"))
    assert text_of(parts) == SAID
    assert isinstance(parts[-1], Usage)
    assert second.asked == []
    call = ProviderCall.objects.get()
    usage = usage_of(parts)
    assert (call.user, call.purpose, call.provider, call.model) == (bilal, "answer", "openai", "model-1")
    assert (call.outcome, call.is_estimate) == ("answered", False)
    assert (call.prompt_tokens, call.completion_tokens) == (usage.prompt_tokens, usage.completion_tokens)
    assert call.cost_micros == round(usage.prompt_tokens * 0.15 + usage.completion_tokens * 0.6)
    assert len(first.asked) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (model_server.BUSY, "busy"),
        (model_server.BROKEN, "failed"),
        (model_server.AWAY, "failed"),
        (model_server.SILENT, "timed_out"),
        (model_server.EMPTY, "cut_off"),
        (model_server.WRONG_TYPE, "failed"),
        (model_server.WRONG_KEY, "refused"),
    ],
)
def test_the_next_one_answers_where_one_fails(models: MakeModels, settings: Any, fault: Fault, outcome: str) -> None:
    first, second = models(2)
    settings.AI_TIMEOUT_SECONDS = 0.3
    first.faults.append(fault)
    assert text_of(ask()) == SAID
    assert calls() == [("openai", "model-1", outcome), ("openai", "model-2", "answered")]
    assert second.authorizations == ["Bearer sk-secret-2"], "each is given its own key"


def test_one_that_failed_rests_and_one_that_refused_does_not(
    models: MakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = models(2)
    first.faults += [model_server.WRONG_KEY, model_server.AWAY]
    for _ in range(4):
        ask()
    assert len(first.asked) == 2
    assert len(second.asked) == 4
    now = circuit.monotonic()
    monkeypatch.setattr(circuit, "monotonic", lambda: now + circuit.REST_SECONDS + 1)
    ask()
    assert len(first.asked) == 3


def test_a_stream_that_broke_is_not_begun_anew_by_another(models: MakeModels) -> None:
    first, second = models(2)
    first.faults.append(Fault(cut_at=700))
    parts: list[Piece | Usage] = []
    with pytest.raises(ProviderFailed) as failed:
        parts.extend(chain.stream(prompt(), user_id=None, purpose="answer"))
    assert failed.value.began
    assert SAID.startswith(text_of(parts))
    assert text_of(parts)
    assert second.asked == []
    call = ProviderCall.objects.get()
    assert (call.outcome, call.is_estimate) == ("cut_off", True)
    assert call.prompt_tokens > 0
    assert call.completion_tokens > 0


def test_whoever_reads_no_partial_answers_gets_a_whole_one_of_the_next(models: MakeModels) -> None:
    first, _second = models(2)
    first.faults.append(Fault(cut_at=700))
    text, usage = chain.complete(prompt(), user_id=None, purpose="answer")
    assert text == SAID
    assert usage.model == "model-2"


def test_without_a_model_the_course_is_quoted_and_nothing_is_paid(settings: Any) -> None:
    settings.AI_MODELS = []
    parts = ask()
    assert "a hundred degrees" in text_of(parts)
    assert PASSAGE.text.split(".")[0] in text_of(parts)
    assert calls() == [("offline", "extract", "answered")]
    assert ProviderCall.objects.get().cost_micros == 0
    assert not chain.has_model()


def test_when_every_model_fails_the_course_is_quoted(models: MakeModels) -> None:
    for server in models(2):
        server.always = model_server.BROKEN
    assert "a hundred degrees" in text_of(ask())
    assert calls()[-1] == ("offline", "extract", "answered")
    call = ProviderCall.objects.filter(outcome="failed").first()
    assert call is not None
    assert (call.prompt_tokens, call.cost_micros) == (0, 0), "a refusal without a word is not paid for"


def test_who_stops_reading_is_written_down_with_what_came(model: ModelServer) -> None:
    model.pause = 0.05
    parts = chain.stream(prompt(), user_id=None, purpose="answer")
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert model.left.wait(5)
    call = ProviderCall.objects.get()
    assert (call.outcome, call.is_estimate) == ("stopped", True)
    assert call.completion_tokens > 0


def test_who_reads_no_further_than_the_usage_was_answered(model: ModelServer) -> None:
    parts = chain.stream(prompt(), user_id=None, purpose="answer")
    for part in parts:
        if isinstance(part, Usage):
            break
    parts.close()  # type: ignore[attr-defined]
    assert calls() == [("openai", "model-1", "answered")]


# --- shapes -------------------------------------------------------------------------------------
def shaped(model: ModelServer, *said: str) -> BaseModel:
    left = list(said)
    model.model = lambda _asked: left.pop(0)
    return chain.structured(prompt(schema=Shape), user_id=None, purpose="questions")


def test_json_of_the_shape_is_read(model: ModelServer) -> None:
    assert shaped(model, '{"words": ["a", "b"]}') == Shape(words=["a", "b"])
    assert len(model.asked) == 1


def test_json_in_a_fence_is_read(model: ModelServer) -> None:
    assert shaped(model, '```json\n{"words": ["a"]}\n```\n') == Shape(words=["a"])


@pytest.mark.parametrize(
    "malformed", ['{"words": ["a"', '{"word": []}', "Of course! Here it is.", "[]", '{"words": 1}']
)
def test_malformed_json_is_mended_by_asking_once_more(model: ModelServer, malformed: str) -> None:
    assert shaped(model, malformed, '{"words": []}') == Shape(words=[])
    *_first, said, wrong = model.asked[1]["messages"]
    assert said == {"role": "assistant", "content": malformed}
    assert wrong["role"] == "user"
    assert '"words"' in wrong["content"]


def test_json_malformed_twice_is_refused(model: ModelServer) -> None:
    with pytest.raises(ProviderFailed) as failed:
        shaped(model, "no", "no")
    assert failed.value.outcome == "refused"
    assert len(model.asked) == 2
    assert calls() == [("openai", "model-1", "answered")] * 2


def test_no_shape_without_a_model(settings: Any) -> None:
    settings.AI_MODELS = []
    with pytest.raises(ProviderFailed):
        chain.structured(prompt(schema=Shape), user_id=None, purpose="questions")
    assert calls() == []


def test_a_shape_by_the_next_model_where_the_first_breaks_off(models: MakeModels) -> None:
    first, second = models(2, model=answers(json.dumps({"words": ["water"] * 20})))
    first.faults.append(Fault(cut_at=900))
    made = chain.structured(prompt(schema=Shape), user_id=None, purpose="questions")
    assert made == Shape(words=["water"] * 20)
    assert len(second.asked) == 1


def test_a_call_costs_one_statement(model: ModelServer, django_assert_num_queries: Any, on_postgresql: bool) -> None:
    with django_assert_num_queries(1):
        ask()
