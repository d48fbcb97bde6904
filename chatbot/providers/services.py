"""Calls of providers, written down and forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.utils import timezone

from chatbot.providers.base import ProviderFailed, Usage, estimated_tokens
from chatbot.providers.configured import Place
from chatbot.providers.models import ProviderCall

#: A year can be compared with the one before it, month by month.
KEPT_FOR = timedelta(days=400)
_COSTS_NOTHING = {ProviderCall.Outcome.BUSY, ProviderCall.Outcome.FAILED, ProviderCall.Outcome.REFUSED}


@dataclass(slots=True)
class Call:
    """A call that is going on: about how many tokens it was given, what came, and what it took once that was said."""

    about_read: int
    written: list[str] = field(default_factory=list)
    said: Usage | None = None
    started_at: datetime = field(default_factory=timezone.now)
    began: float = field(default_factory=monotonic)

    def usage(self, outcome: str) -> Usage:
        """Return what it took: as the provider said, else about. Of a refusal without a word nothing is paid."""
        if self.said is not None:
            return self.said
        if not self.written and outcome in _COSTS_NOTHING:
            return Usage(0, 0, "")
        return Usage(self.about_read, estimated_tokens("".join(self.written)), "", is_estimate=True)


@contextmanager
def recorded_call(*, user_id: int | None, purpose: str, provider: str, place: Place, about_read: int) -> Iterator[Call]:
    """Write a ``ProviderCall`` when the block is left, however it is left: answered, failed, or stopped by its reader.

    It is written once the call is over, by a transaction of its own: nothing waits for a model with a lock in its hand.
    """
    call = Call(about_read)
    outcome: str = ProviderCall.Outcome.ANSWERED
    try:
        yield call
    except ProviderFailed as failed:
        outcome = failed.outcome
        raise
    except GeneratorExit:
        # Usage is the end of an answer: who reads no further has all of it.
        outcome = outcome if call.said else ProviderCall.Outcome.STOPPED
        raise
    except BaseException:
        outcome = ProviderCall.Outcome.FAILED
        raise
    finally:
        _write(call, user_id=user_id, purpose=purpose, provider=provider, place=place, outcome=outcome)


def _write(call: Call, *, user_id: int | None, purpose: str, provider: str, place: Place, outcome: str) -> None:
    usage = call.usage(outcome)
    ProviderCall.objects.create(
        user_id=user_id,
        purpose=purpose,
        provider=provider,
        model=place.model[:100],
        outcome=outcome,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        is_estimate=usage.is_estimate,
        cost_micros=place.cost_micros(usage.prompt_tokens, usage.completion_tokens),
        milliseconds=round((monotonic() - call.began) * 1000),
        started_at=call.started_at,
    )


def forget_old_calls(*, at: datetime) -> int:
    """Remove calls older than ``KEPT_FOR`` and return how many."""
    return ProviderCall.objects.filter(started_at__lt=at - KEPT_FOR).delete()[0]
