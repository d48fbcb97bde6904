"""Any server that speaks as OpenAI's chat completions and embeddings do, by the official client.

Importing this takes a second: import it where a model is configured, not before. Nothing that the client raises leaves
this module: its errors know the request, and with it the key and what was asked.
"""

import json
import logging
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from http import HTTPStatus
from time import monotonic
from typing import Any

import httpx2
import openai
from django.conf import settings

from chatbot.providers.base import Piece, Prompt, ProviderFailed, Usage, estimated_tokens
from chatbot.providers.configured import Place
from chatbot.providers.models import ProviderCall

log = logging.getLogger(__name__)
Outcome = ProviderCall.Outcome

CONNECT_SECONDS = 3.0
#: A server may say a byte now and then for ever; after so long the next byte is the last.
MOST_SECONDS = 120.0
MOST_BYTES = 5 * 1024 * 1024
#: In one vector: no model writes more, and pgvector takes none.
MOST_NUMBERS = 16_000
#: What servers answer to a field that they don't know.
_NOT_UNDERSTOOD = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
_AS_JSON = "Answer with one JSON object and nothing else, of this JSON schema:\n"


class _Malformed(Exception):
    """The server sent what such servers don't send."""


#: RecursionError: JSON in ten thousand brackets; OverflowError: a number of four hundred digits.
_FAILURES = (
    openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, _Malformed, ValueError, RecursionError, OverflowError,
)  # fmt: skip


@dataclass(slots=True)
class _Answer:
    """What has come by now. ``finish`` is why it ended, once the server said so: before that nothing is whole."""

    written: int = 0
    finish: str = ""
    usage: Usage | None = None


class OpenAIProvider:
    name = "openai"

    def __init__(self, place: Place) -> None:
        self._place = place
        self.model = place.model

    def __repr__(self) -> str:
        return f"OpenAIProvider({self.model!r})"

    def stream(self, prompt: Prompt) -> Generator[Piece | Usage, None, None]:
        """Yield the words as they come and last what they took; see ``Provider``.

        An answer is whole once the server said why it ended: what is lost after that is only how much it took, which
        is estimated then. One that ended for its length is whole as far as it came.
        """
        answer, outcome, written = _Answer(), "", []
        try:
            for text in self._words(prompt, answer):
                written.append(text)
                yield Piece(text)
        except _FAILURES as error:
            outcome = _outcome_of(error)
            log.warning("%s: %s %s", self.model, type(error).__name__, getattr(error, "status_code", ""))
        # Outside of the handler: what is raised inside would carry the client's error along.
        if answer.finish in {"", "content_filter"} or not written:
            raise ProviderFailed(_outcome_without_end(answer, outcome), began=bool(written))
        about = replace(
            self._about_read(turn.content for turn in prompt.turns),
            completion_tokens=estimated_tokens("".join(written)),
        )
        yield answer.usage or about

    def _words(self, prompt: Prompt, answer: _Answer) -> Iterator[str]:
        with self._opened(prompt) as chunks:
            if not chunks.response.headers.get("content-type", "").startswith("text/event-stream"):
                raise _Malformed
            for chunk in chunks:
                yield from _read(chunk, answer, self.model)

    def _opened(self, prompt: Prompt) -> Any:
        """Ask, and once more with less where the server does not understand all that it is asked for."""
        client = _client(self._place.address, self._place.key, settings.AI_TIMEOUT_SECONDS, MOST_SECONDS)
        asked = self._asked(prompt)
        while True:
            refused = None
            try:
                return client.chat.completions.create(**asked)
            except openai.APIStatusError as error:
                if error.status_code not in _NOT_UNDERSTOOD:
                    raise
                refused = error
            if not _ask_for_less(asked, prompt, str(refused.param or "")):
                raise refused

    def _asked(self, prompt: Prompt) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in prompt.turns],
            "max_tokens": prompt.most_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if prompt.schema:
            shape = {"name": prompt.schema.__name__, "schema": prompt.schema.model_json_schema()}
            asked["response_format"] = {"type": "json_schema", "json_schema": shape}
        return asked

    def _about_read(self, texts: Iterable[str]) -> Usage:
        return Usage(sum(map(estimated_tokens, texts)), 0, self.model, is_estimate=True)


def _ask_for_less(asked: dict[str, Any], prompt: Prompt, param: str) -> bool:
    """Take out of ``asked`` what a server may not know, and return whether there was anything.

    Newer models know ``max_tokens`` by another name only, and say so; older servers know no schema: they are told of it
    in words.
    """
    if param == "max_tokens" and "max_tokens" in asked:
        asked["max_completion_tokens"] = asked.pop("max_tokens")
        return True
    if prompt.schema and asked.pop("response_format", None):
        first, *others = asked["messages"]
        said = _AS_JSON + json.dumps(prompt.schema.model_json_schema())
        if first["role"] == "system":
            asked["messages"] = [{**first, "content": f"{first['content']}\n\n{said}"}, *others]
        else:
            asked["messages"] = [{"role": "system", "content": said}, first, *others]
        return True
    return False


# --- vectors ------------------------------------------------------------------------------------
def embeddings(place: Place, texts: Sequence[str], *, most_seconds: float) -> tuple[list[list[float]], Usage]:
    """Return a vector for each of ``texts``, all of one size, and what they took. Raises ``ProviderFailed``.

    After ``most_seconds`` the next byte is the last, whatever the server is doing.
    """
    client = _client(place.address, place.key, min(settings.AI_TIMEOUT_SECONDS, most_seconds), most_seconds)
    try:
        answer = client.embeddings.create(model=place.model, input=list(texts), encoding_format="float")
        vectors = _vectors(answer, len(texts))
        about = Usage(sum(map(estimated_tokens, texts)), 0, place.model, is_estimate=True)
        return vectors, _usage(getattr(answer, "usage", None), place.model) or about
    except _FAILURES as error:
        outcome = _outcome_of(error)
        log.warning("%s: %s %s", place.model, type(error).__name__, getattr(error, "status_code", ""))
    # Outside of the handler: what is raised inside would carry the client's error along.
    raise ProviderFailed(outcome)


def _vectors(answer: Any, count: int) -> list[list[float]]:
    """Return the vectors of an answer in the order of the texts. The client does not check what servers send."""
    try:
        by_place = {each.index: each.embedding for each in answer.data}
        vectors = [[float(number) for number in by_place[place]] for place in range(count)]
    except (AttributeError, KeyError, TypeError) as error:
        raise _Malformed from error
    sizes = {len(vector) for vector in vectors}
    if len(by_place) != count or len(sizes) != 1 or not 0 < sizes.pop() <= MOST_NUMBERS:
        raise _Malformed
    if not all(math.isfinite(number) for vector in vectors for number in vector):
        raise _Malformed
    return vectors


# --- what comes ---------------------------------------------------------------------------------
def _read(chunk: Any, answer: _Answer, model: str) -> Iterator[str]:
    """Note what ``chunk`` says in ``answer`` and yield its words. The client does not check what servers send."""
    try:
        for choice in chunk.choices or ():
            if choice.delta.refusal:
                answer.finish = "content_filter"
                return
            if choice.delta.content:
                yield _text(choice.delta.content)
            if choice.finish_reason:
                answer.finish = str(choice.finish_reason)
        answer.usage = _usage(chunk.usage, model) or answer.usage
    except (AttributeError, TypeError) as error:
        raise _Malformed from error


def _usage(said: Any, model: str) -> Usage | None:
    """Return what the server said it took, None where it did not."""
    if not said:
        return None
    return Usage(_number(said.prompt_tokens), _number(getattr(said, "completion_tokens", 0)), model)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Malformed
    return value


def _number(value: Any) -> int:
    """Return a count of tokens that a column can hold."""
    if not isinstance(value, int) or not 0 <= value < 2**31:
        raise _Malformed
    return value


def _outcome_of(error: Exception) -> str:
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Outcome.TIMED_OUT
    if isinstance(error, openai.APIStatusError):
        return _outcome_of_status(error.status_code)
    if isinstance(error, openai.APIConnectionError) and isinstance(error.__cause__, httpx2.ConnectError):
        return Outcome.FAILED
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.StreamError):
        return Outcome.CUT_OFF
    return Outcome.FAILED


def _outcome_of_status(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Outcome.BUSY
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
        return Outcome.TIMED_OUT
    return Outcome.FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Outcome.REFUSED


def _outcome_without_end(answer: _Answer, outcome: str) -> str:
    if answer.finish == "content_filter":
        return Outcome.REFUSED
    if answer.finish:
        return Outcome.FAILED  # it ended, and said nothing
    return outcome or Outcome.CUT_OFF


# --- the wire -----------------------------------------------------------------------------------
class _Bounded(httpx2.SyncByteStream):
    """A body that may take so many seconds and ``MOST_BYTES``, comments that keep the line open included."""

    def __init__(self, body: httpx2.SyncByteStream, most_seconds: float) -> None:
        self._body, self._until = body, monotonic() + most_seconds

    def __iter__(self) -> Iterator[bytes]:
        left = MOST_BYTES
        for part in self._body:
            left -= len(part)
            if monotonic() > self._until:
                raise httpx2.ReadTimeout("too long")
            if left < 0:
                raise httpx2.ReadError("too large")
            yield part

    def close(self) -> None:
        self._body.close()


def _bound(most_seconds: float, response: httpx2.Response) -> None:
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Bounded(response.stream, most_seconds)


@lru_cache(maxsize=8)
def _client(address: str, key: str, timeout_seconds: float, most_seconds: float) -> openai.OpenAI:
    """Return the client of an address, one a process: its connections are kept. It follows no redirect, with the key
    and all that was asked, to an address that nobody configured. No answer takes longer than ``most_seconds``.
    """
    timeout = httpx2.Timeout(timeout_seconds, connect=CONNECT_SECONDS)
    hooks: dict[str, list[Callable[..., Any]]] = {"response": [partial(_bound, most_seconds)]}
    wire = openai.DefaultHttpxClient(timeout=timeout, follow_redirects=False, event_hooks=hooks)
    # Without a key it would look for one in the environment.
    return openai.OpenAI(base_url=address, api_key=key or "none", timeout=timeout, max_retries=0, http_client=wire)
