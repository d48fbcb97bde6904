"""System checks of the models: every one has an address and nobody else's key, and words don't travel in the open."""

import math
from collections.abc import Iterator
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from chatbot.providers.configured import NO_KEY, configured_places, embedding_place
from chatbot.providers.embedding import WORDLLAMA


@register(Tags.security)
def check_models(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Lists that don't fit, a key that would go to an address it wasn't given for, plain HTTP to the outside."""
    if not settings.AI_MODELS:
        return []
    return [*_lists(), *_addresses(), *_keys(), *_numbers()]


@register(Tags.security)
def check_embedding_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What finding by meaning needs: its libraries, and of a server the same as ``check_models`` asks of others."""
    if not settings.AI_EMBEDDING_MODEL:
        return []
    return [*_libraries(), *_embedding_server(), *_embedding_numbers(), *([] if settings.AI_MODELS else _timeout())]


def _libraries() -> Iterator[CheckMessage]:
    needed = ["numpy", *([WORDLLAMA] if settings.AI_EMBEDDING_MODEL == WORDLLAMA else [])]
    if missing := [name for name in needed if find_spec(name) is None]:
        yield Error(
            f"AI_EMBEDDING_MODEL is set, and what it needs isn't installed: {', '.join(missing)}.",
            hint="Run: make install-ai (or pip install -r requirements-ai.txt). Or leave the setting empty.",
            id="chatbot.E005",
        )


def _embedding_server() -> Iterator[CheckMessage]:
    if settings.AI_EMBEDDING_MODEL == WORDLLAMA:
        return
    place = embedding_place()
    if len(place.model) > 100:
        yield Error("AI_EMBEDDING_MODEL is longer than 100 characters.", id="chatbot.E001")
    if not _may_be_asked(place.address):
        yield Error(
            "The address for AI_EMBEDDING_MODEL is no https address, nor http to this machine or a private network.",
            hint="Lessons, what learners ask, and the key would travel in the open.",
            id="chatbot.E002",
        )
    if not _is_key(place.key):
        yield Error("AI_EMBEDDING_API_KEY has a space or a character that no header may have.", id="chatbot.E003")


def _embedding_numbers() -> Iterator[CheckMessage]:
    if not math.isfinite(settings.AI_EMBEDDING_PRICE) or settings.AI_EMBEDDING_PRICE < 0:
        yield Error("AI_EMBEDDING_PRICE is below zero, or no number.", id="chatbot.E004")
    if not 0 < settings.AI_EMBEDDING_CLOSE <= 2:
        yield Error("AI_EMBEDDING_CLOSE must lie above 0 and be at most 2.", id="chatbot.E004")


def _lists() -> Iterator[CheckMessage]:
    for name in ("AI_BASE_URLS", "AI_API_KEYS", "AI_PRICES_READ", "AI_PRICES_WRITTEN"):
        if len(getattr(settings, name)) > len(settings.AI_MODELS):
            yield Error(
                f"{name} has more entries than AI_MODELS.",
                hint="One for each model, in the same order; the last of a shorter list serves the rest.",
                id="chatbot.E001",
            )
    if any(not name or len(name) > 100 for name in settings.AI_MODELS):
        yield Error("A name in AI_MODELS is empty or longer than 100 characters.", id="chatbot.E001")


def _addresses() -> Iterator[CheckMessage]:
    if not settings.AI_BASE_URLS:
        yield Error("AI_BASE_URLS is empty.", hint="Leave it unset for OpenAI itself.", id="chatbot.E002")
    for number, address in enumerate(settings.AI_BASE_URLS, start=1):
        if not _may_be_asked(address):
            yield Error(
                f"Address {number} of AI_BASE_URLS is no https address, nor http to this machine or a private network.",
                hint="What learners ask, and the key, would travel in the open. A key is no part of an address either.",
                id="chatbot.E002",
            )


def _may_be_asked(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.query:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_near(host))


def _is_near(host: str) -> bool:
    """Whether ``host`` is this machine, a private address, or a neighbour's name (without a dot, as compose gives)."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local"))


def _keys() -> Iterator[CheckMessage]:
    keys = settings.AI_API_KEYS
    if not all(map(_is_key, keys)):
        yield Error("A key in AI_API_KEYS has a space or a character that no header may have.", id="chatbot.E003")
    if not keys or keys[-1] == NO_KEY:
        return
    given_for = _server_of(_address_of_key(len(keys) - 1))
    if any(_server_of(place.address) != given_for for place in configured_places()[len(keys) :]):
        yield Error(
            "The last key in AI_API_KEYS would be sent to an address that it wasn't given for.",
            hint=f'Give a key for each address, "{NO_KEY}" for a server that wants none.',
            id="chatbot.E003",
        )


def _is_key(key: str) -> bool:
    return key.isascii() and key.isprintable() and " " not in key


def _address_of_key(number: int) -> str:
    addresses: list[str] = settings.AI_BASE_URLS
    return addresses[min(number, len(addresses) - 1)] if addresses else ""


def _server_of(address: str) -> str:
    """Return who is asked at ``address``: what lies before its path."""
    return "/".join(address.split("/")[:3])


def _numbers() -> Iterator[CheckMessage]:
    prices = [*settings.AI_PRICES_READ, *settings.AI_PRICES_WRITTEN]
    if any(not math.isfinite(price) or price < 0 for price in prices):
        yield Error("A price in AI_PRICES_READ or AI_PRICES_WRITTEN is below zero, or no number.", id="chatbot.E004")
    yield from _timeout()


def _timeout() -> Iterator[CheckMessage]:
    if not 0 < settings.AI_TIMEOUT_SECONDS <= 120:
        yield Error("AI_TIMEOUT_SECONDS must lie above 0 and be at most 120.", id="chatbot.E004")
