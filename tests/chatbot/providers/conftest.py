"""Models to ask: stand-ins on loopback, configured as a school would."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from chatbot.providers import circuit
from tests.chatbot.providers.model_server import ModelServer, answers

MakeModels = Callable[..., list[ModelServer]]
SAID = "Water boils at a hundred degrees. पानी उबलता है [1]."


@pytest.fixture(autouse=True)
def nobody_rests() -> Iterator[None]:
    """What failed in another test is asked again in this one."""
    circuit._rests_until.clear()
    yield
    circuit._rests_until.clear()


@pytest.fixture
def models(settings: Any) -> Iterator[MakeModels]:
    """Return a function that starts so many stand-ins and puts them into the settings."""
    with ExitStack() as stack:

        def start(count: int = 1, **options: Any) -> list[ModelServer]:
            servers = [stack.enter_context(ModelServer(**{"model": answers(SAID), **options})) for _ in range(count)]
            settings.AI_MODELS = [f"model-{number}" for number in range(1, count + 1)]
            settings.AI_BASE_URLS = [server.url for server in servers]
            settings.AI_API_KEYS = [f"sk-secret-{number}" for number in range(1, count + 1)]
            settings.AI_TIMEOUT_SECONDS = 2.0
            return servers

        yield start


@pytest.fixture
def model(models: MakeModels) -> ModelServer:
    return models()[0]
