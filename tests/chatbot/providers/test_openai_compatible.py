"""A model over the wire: its words as they come, its faults, and nothing of the key."""

import logging
import time
import traceback
from contextlib import closing
from typing import Any

import pytest
from pydantic import BaseModel

from chatbot.providers import openai_compatible
from chatbot.providers.base import Piece, Prompt, ProviderFailed
from chatbot.providers.configured import configured_places
from chatbot.providers.openai_compatible import OpenAIProvider
from tests.chatbot.providers import model_server
from tests.chatbot.providers.asking import prompt, text_of, usage_of
from tests.chatbot.providers.conftest import SAID, MakeModels
from tests.chatbot.providers.model_server import Fault, ModelServer
from tests.thorough import times


class Shape(BaseModel):
    words: list[str]


def provider() -> OpenAIProvider:
    return OpenAIProvider(configured_places()[0])


def failure_of(what: Any = None) -> ProviderFailed:
    with pytest.raises(ProviderFailed) as failed:
        list(provider().stream(what or prompt()))
    return failed.value


def test_words_come_as_they_are_written(model: ModelServer) -> None:
    model.faults.append(model_server.HALF_SILENT)  # the first is here, and the last never will be
    with closing(provider().stream(prompt())) as parts:
        assert next(parts) == Piece("Water ")


def test_it_asks_for_what_the_prompt_says(model: ModelServer) -> None:
    parts = list(provider().stream(prompt(most_tokens=77)))
    assert text_of(parts) == SAID
    (asked,) = model.asked
    assert asked["model"] == "model-1"
    assert asked["max_tokens"] == 77
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert asked["stream_options"] == {"include_usage": True}
    assert "response_format" not in asked
    assert "tools" not in asked
    assert model.authorizations == ["Bearer sk-secret-1"]
    assert usage_of(parts).completion_tokens == len(SAID.split())
    assert not usage_of(parts).is_estimate


def test_a_server_that_says_no_usage_is_estimated(models: MakeModels) -> None:
    models(says_usage=False)
    usage = usage_of(provider().stream(prompt()))
    assert usage.is_estimate
    assert usage.prompt_tokens > 20
    assert usage.completion_tokens > 10


def test_a_local_server_needs_no_key(model: ModelServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    settings.AI_API_KEYS = []
    assert text_of(provider().stream(prompt())) == SAID
    assert model.authorizations == ["Bearer none"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (model_server.BUSY, "busy"),
        (model_server.BROKEN, "failed"),
        (model_server.AWAY, "failed"),
        (model_server.WRONG_KEY, "refused"),
        (model_server.ELSEWHERE, "refused"),
        (model_server.MALFORMED_JSON, "failed"),
        (model_server.MALFORMED_SSE, "failed"),
        (model_server.WRONG_TYPE, "failed"),
        (model_server.EMPTY, "cut_off"),
        (model_server.NO_WORDS, "failed"),
        (model_server.FILTERED, "refused"),
        (Fault(body=b"data: []\n\n"), "failed"),
        (Fault(body=b'data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n'), "failed"),
        (Fault(body=b'data: {"choices": 7}\n\n'), "failed"),
        (Fault(body=b'data: {"error": {"message": "overloaded"}}\n\n'), "failed"),
        (Fault(body=b"data: " + b"[" * 100_000 + b"\n\n"), "failed"),
        (Fault(body=b": " + b"x" * (openai_compatible.MOST_BYTES + 1)), "cut_off"),
    ],
)
def test_what_goes_wrong_has_its_name_and_no_words(model: ModelServer, fault: Fault, outcome: str) -> None:
    model.faults.append(fault)
    failed = failure_of()
    assert (failed.outcome, failed.began) == (outcome, False)
    assert len(model.asked) == 1, "it is the chain that asks again"


def test_nobody_there(model: ModelServer, settings: Any) -> None:
    settings.AI_BASE_URLS = ["http://127.0.0.1:9/v1"]
    assert failure_of().outcome == "failed"


def test_a_server_that_says_nothing_more_is_not_waited_for(model: ModelServer, settings: Any) -> None:
    settings.AI_TIMEOUT_SECONDS = 0.3
    model.faults += [model_server.SILENT, model_server.HALF_SILENT]
    failed = failure_of()
    assert (failed.outcome, failed.began) == ("timed_out", False)
    failed = failure_of()
    assert (failed.outcome, failed.began) == ("timed_out", True)


def test_comments_that_keep_the_line_open_do_not_keep_it_for_ever(
    model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_compatible, "MOST_SECONDS", 0.5)
    model.faults.append(model_server.DRIPPING)
    started = time.monotonic()
    assert failure_of().outcome == "timed_out"
    assert time.monotonic() - started < 5


def what_came() -> tuple[list[str], ProviderFailed | None]:
    words = []
    try:
        for part in provider().stream(prompt()):
            words.append(text_of([part]))  # noqa: PERF401 - what came before it broke
    except ProviderFailed as failed:
        return words, failed
    return words, None


@pytest.mark.parametrize("cleanly", [False, True], ids=["connection lost", "body just ends"])
def test_a_stream_cut_at_any_byte_is_whole_or_broken_and_never_both(model: ModelServer, cleanly: bool) -> None:
    asked: dict[str, Any] = {"model": "model-1", "messages": [], "stream_options": {"include_usage": True}}
    events = model.events(asked)
    # Whole from the moment the server said why it ended: the rest is usage and [DONE].
    finish = sum(map(len, events[:-2])) - 2
    length = sum(map(len, events))
    for at in range(0, length, max(1, length // times(length, few=40))):
        model.faults.append(Fault(cut_at=at, cleanly=cleanly))
        words, failed = what_came()
        assert SAID.startswith("".join(words)), at
        if at < finish:
            assert failed is not None, at
            assert failed.outcome in {"cut_off", "failed"}, at
            assert failed.began == bool(words), at
        elif at >= finish + 2:
            assert failed is None, at
            assert "".join(words) == SAID


def test_who_stops_reading_ends_the_call(model: ModelServer) -> None:
    model.pause = 0.05
    parts = provider().stream(prompt())
    next(parts)
    parts.close()
    assert model.left.wait(5)


def test_a_shape_is_asked_for_and_in_words_where_the_server_knows_no_schemas(model: ModelServer) -> None:
    list(provider().stream(prompt(schema=Shape)))
    model.faults.append(model_server.NO_SCHEMAS)
    list(provider().stream(prompt(schema=Shape)))
    with_schema, _refused, in_words = model.asked
    assert with_schema["response_format"]["json_schema"]["schema"]["properties"]["words"]["type"] == "array"
    assert "response_format" not in in_words
    assert '"words"' in in_words["messages"][0]["content"]
    assert [message["role"] for message in in_words["messages"]] == ["system", "user"]


def test_a_server_that_knows_max_tokens_by_its_other_name(model: ModelServer) -> None:
    model.faults.append(model_server.NO_MAX_TOKENS)
    assert text_of(provider().stream(prompt())) == SAID
    assert model.asked[1]["max_completion_tokens"] == model.asked[0]["max_tokens"]
    assert "max_tokens" not in model.asked[1]


def test_a_server_that_refuses_everything_is_asked_no_more_than_needed(model: ModelServer) -> None:
    model.always = model_server.NO_MAX_TOKENS
    assert failure_of(prompt(schema=Shape)).outcome == "refused"
    assert len(model.asked) == 3


def trouble_with(question: Prompt) -> ProviderFailed | None:
    try:
        list(provider().stream(question))
    except ProviderFailed as failed:
        return failed
    return None


FAULTS_WITH_KEYS = [*model_server.FAULTS.values(), Fault(401, b'{"error": {"message": "bad key sk-secret-1"}}')]


def test_no_key_and_no_question_in_logs_or_tracebacks(
    model: ModelServer, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    """Every fault, every logger at its most talkative, every error with all that hangs on it."""
    settings.AI_TIMEOUT_SECONDS = 0.3
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "httpx", "httpcore", "chatbot"):
        caplog.set_level(logging.DEBUG, logger=name)
    question = prompt("QUESTION-OF-A" + "-CHILD")
    told, frames = [repr(provider()), repr(configured_places()), str(vars(provider()))], []
    for fault in [None, *FAULTS_WITH_KEYS]:
        if fault is model_server.DRIPPING:
            continue
        if fault is not None:
            model.faults.append(fault)
        failed = trouble_with(question)
        if failed is not None:
            told += traceback.format_exception(failed)
            ours = failed.__traceback__.tb_next  # type: ignore[union-attr]  # without the frame of the test
            frames += traceback.TracebackException(ProviderFailed, failed, ours, capture_locals=True).format()
            assert (failed.__context__, failed.__cause__) == (None, None)
    assert any(record.name.startswith("openai") for record in caplog.records), "the client did talk"
    told += [record.getMessage() + str(record.__dict__) for record in caplog.records]
    assert len(frames) > len(model_server.FAULTS)
    assert not [line for line in [*told, *frames] if "sk-secret-1" in line]
    assert not [line for line in told if "QUESTION-OF-A-CHILD" in line]
