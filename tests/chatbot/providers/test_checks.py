"""Settings that can't be meant are refused at start-up."""

from typing import Any

import pytest

from chatbot.providers.checks import check_models
from chatbot.providers.configured import configured_places

OPENAI, NEAR = "https://api.openai.com/v1", "http://127.0.0.1:11434/v1"


def found(settings: Any, **values: Any) -> list[str | None]:
    usual = {"AI_MODELS": ["gpt"], "AI_BASE_URLS": [OPENAI], "AI_API_KEYS": ["sk-1"]}
    for name, value in {**usual, **values}.items():
        setattr(settings, name, value)
    return [message.id for message in check_models(None)]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"AI_MODELS": []},
        {"AI_MODELS": ["llama"], "AI_BASE_URLS": [NEAR], "AI_API_KEYS": []},
        {"AI_MODELS": ["gpt", "mini"]},
        {"AI_MODELS": ["gpt", "llama"], "AI_BASE_URLS": [OPENAI, NEAR], "AI_API_KEYS": ["sk-1", "-"]},
        {"AI_BASE_URLS": ["http://ollama:11434/v1"]},
        {"AI_BASE_URLS": ["http://192.168.1.7:8000/v1"]},
        {"AI_BASE_URLS": ["http://[::1]:8000/v1"]},
        {"AI_BASE_URLS": ["http://models.school.internal/v1"]},
    ],
)
def test_settings_that_fit(settings: Any, values: dict[str, Any]) -> None:
    assert found(settings, **values) == []


@pytest.mark.parametrize(
    ("values", "id"),
    [
        ({"AI_API_KEYS": ["sk-1", "sk-2"]}, "chatbot.E001"),
        ({"AI_PRICES_READ": [1.0, 2.0]}, "chatbot.E001"),
        ({"AI_BASE_URLS": [OPENAI, NEAR]}, "chatbot.E001"),
        ({"AI_MODELS": ["m" * 101]}, "chatbot.E001"),
        ({"AI_BASE_URLS": []}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["http://api.openai.com/v1"]}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["http://8.8.8.8/v1"]}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["api.openai.com/v1"]}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["ftp://127.0.0.1/v1"]}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["https://key@api.openai.com/v1"]}, "chatbot.E002"),
        ({"AI_BASE_URLS": ["https://[::1/v1"]}, "chatbot.E002"),
        ({"AI_API_KEYS": ["sk-1\n"]}, "chatbot.E003"),
        ({"AI_MODELS": ["gpt", "other"], "AI_BASE_URLS": [OPENAI, "https://other.example/v1"]}, "chatbot.E003"),
        ({"AI_PRICES_WRITTEN": [-1.0]}, "chatbot.E004"),
        ({"AI_PRICES_READ": [float("nan")]}, "chatbot.E004"),
        ({"AI_TIMEOUT_SECONDS": 0.0}, "chatbot.E004"),
    ],
)
def test_settings_that_can_not_be_meant(settings: Any, values: dict[str, Any], id: str) -> None:  # noqa: A002 - a check's
    assert found(settings, **values) == [id]


def test_no_message_says_a_key(settings: Any) -> None:
    found(settings, AI_API_KEYS=["sk-secret\n", "sk-other"], AI_BASE_URLS=["https://sk-secret@host/v1"])
    assert check_models(None)
    assert "sk-" not in str(check_models(None))


def test_the_last_of_a_shorter_list_serves_the_rest(settings: Any) -> None:
    found(settings, AI_MODELS=["a", "b", "c"], AI_API_KEYS=["sk-1", "-"], AI_PRICES_READ=[1.0, 2.0])
    assert [(place.key, place.price_read) for place in configured_places()] == [("sk-1", 1.0), ("", 2.0), ("", 2.0)]
    assert {place.address for place in configured_places()} == {OPENAI}
