"""The configured models asked in their order, and last the one that needs none."""

import json
import logging
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

from pydantic import BaseModel, ValidationError

from chatbot.providers.base import Piece, Prompt, Provider, ProviderFailed, Turn, Usage, estimated_tokens
from chatbot.providers.circuit import is_resting, let_rest
from chatbot.providers.configured import Place, configured_places
from chatbot.providers.models import ProviderCall
from chatbot.providers.offline import OfflineProvider
from chatbot.providers.services import recorded_call

log = logging.getLogger(__name__)
_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_MOST_REPEATED = 20_000
_REPAIR = (
    "That was not as asked:\n{errors}\nAnswer once more, with the whole JSON and nothing else, of this shape:\n{shape}"
)


def has_model() -> bool:
    """Whether a model is configured. Without one nothing can be answered that has a schema."""
    return bool(configured_places())


def stream(prompt: Prompt, *, user_id: int | None, purpose: str) -> Iterator[Piece | Usage]:
    """Yield an answer in pieces and last its usage, by the first provider that gives one.

    The next one is asked while no words have come. Raises ``ProviderFailed``: with ``began`` where a stream broke,
    without where nobody answered. Closing it ends the call. Each call is recorded. Call it outside transactions.
    """
    failed = ProviderFailed(ProviderCall.Outcome.FAILED)
    for provider, place in _in_turn(prompt):
        try:
            yield from _ask(provider, place, prompt, user_id=user_id, purpose=purpose)
            return
        except ProviderFailed as error:
            failed = ProviderFailed(error.outcome, began=error.began)
        if failed.began:
            break
    raise failed


def complete(prompt: Prompt, *, user_id: int | None, purpose: str) -> tuple[str, Usage]:
    """Return a whole answer and what it took. Nobody has read a stream that broke, so the next provider is asked then
    too. Raises ``ProviderFailed`` where nobody answered.
    """
    outcome: str = ProviderCall.Outcome.FAILED
    for provider, place in _in_turn(prompt):
        try:
            parts = list(_ask(provider, place, prompt, user_id=user_id, purpose=purpose))
        except ProviderFailed as error:
            outcome = error.outcome
            continue
        text = "".join(part.text for part in parts if isinstance(part, Piece))
        return text, next(part for part in reversed(parts) if isinstance(part, Usage))
    raise ProviderFailed(outcome)


def structured(prompt: Prompt, *, user_id: int | None, purpose: str) -> BaseModel:
    """Return an answer of the shape ``prompt.schema``. What is malformed is asked for once more, with what was wrong.

    Raises ``ProviderFailed``: ``refused`` where the second answer is malformed too, else as ``complete``.
    """
    assert prompt.schema is not None
    text, _usage = complete(prompt, user_id=user_id, purpose=purpose)
    try:
        return prompt.schema.model_validate_json(_json_in(text))
    except ValidationError as error:
        wrong = _REPAIR.format(errors=_told(error), shape=json.dumps(prompt.schema.model_json_schema()))
    turns = [*prompt.turns, Turn("assistant", text[:_MOST_REPEATED]), Turn("user", wrong)]
    text, _usage = complete(replace(prompt, turns=turns), user_id=user_id, purpose=purpose)
    try:
        return prompt.schema.model_validate_json(_json_in(text))
    except ValidationError:
        log.warning("malformed output, twice: %s", prompt.schema.__name__)
    raise ProviderFailed(ProviderCall.Outcome.REFUSED)


# --- whom to ask --------------------------------------------------------------------------------
def _in_turn(prompt: Prompt) -> Iterator[tuple[Provider, Place]]:
    """Yield who may be asked: models that did not fail lately, then the offline provider, which writes no JSON."""
    for place in configured_places():
        if not is_resting(place):
            # The client takes a second to import, and a school without a model never needs it.
            from chatbot.providers.openai_compatible import OpenAIProvider

            yield OpenAIProvider(place), place
    if prompt.schema is None:
        offline = OfflineProvider()
        yield offline, Place(model=offline.model, address="", key="")


def _ask(
    provider: Provider, place: Place, prompt: Prompt, *, user_id: int | None, purpose: str
) -> Iterator[Piece | Usage]:
    """Yield what one provider answers, and record the call."""
    about = sum(estimated_tokens(turn.content) for turn in prompt.turns)
    with (
        recorded_call(user_id=user_id, purpose=purpose, provider=provider.name, place=place, about_read=about) as call,
        closing(cast(Generator[Piece | Usage, None, None], provider.stream(prompt))) as parts,
    ):
        try:
            for part in parts:
                if isinstance(part, Usage):
                    call.said = part
                else:
                    call.written.append(part.text)
                yield part
        except ProviderFailed as failed:
            log.warning("%s: %s", place.model, failed.outcome)
            if place.address and failed.outcome != ProviderCall.Outcome.REFUSED:
                let_rest(place)
            raise


# --- JSON ---------------------------------------------------------------------------------------
def _json_in(text: str) -> str:
    """Return ``text`` without the fence that models like to put around JSON."""
    fenced = _FENCED.match(text)
    return fenced[1] if fenced else text


def _told(error: ValidationError) -> str:
    """Return the first errors as a model can read them: where, and what."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:10]
    return "\n".join(f"{'.'.join(map(str, each['loc'])) or 'the answer'}: {each['msg']}" for each in found)
