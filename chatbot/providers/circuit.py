"""A provider that failed is left alone for a while, so that not every learner waits for its time-out.

Each process learns it for itself: a cache that is away must not take the tutor with it.
"""

from time import monotonic

from chatbot.providers.configured import Place

REST_SECONDS = 30
#: A few entries at most: one for each model of the settings.
_rests_until: dict[tuple[str, str], float] = {}


def is_resting(place: Place) -> bool:
    return monotonic() < _rests_until.get((place.model, place.address), 0.0)


def let_rest(place: Place) -> None:
    _rests_until[place.model, place.address] = monotonic() + REST_SECONDS
