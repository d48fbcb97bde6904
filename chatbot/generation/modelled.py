"""Drafts by a model: a few windows of the content, each asked about once, and once more for what the rules refused."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from chatbot.generation.asking import prompt_for, prompt_for_missing, windows_of
from chatbot.generation.desk import Desk
from chatbot.generation.making import Wanted, Written
from chatbot.generation.reading import shares
from chatbot.generation.shapes import drafts_in
from chatbot.providers import chain
from chatbot.providers.base import Prompt, ProviderFailed

log = logging.getLogger(__name__)
MOST_WINDOWS = 4
#: A window is asked about twice, and each answer may be malformed once.
MOST_CALLS = 4 * MOST_WINDOWS
#: What a job is told of drafts that a model did not give: no rule, and why there are fewer all the same.
NOT_ANSWERED = "not_answered"


def by_model(desk: Desk, *, user_id: int | None) -> None:
    """Let a model write what ``desk`` wants, in at most ``MOST_CALLS`` calls.

    Of a content that is longer than ``MOST_WINDOWS`` windows, as many are read as lie evenly in it; which ones depends
    on how much there is already, so that who asks again gets drafts of others. Raises ``ProviderFailed`` where nothing
    was written that could be read; once something was, what else falls away only makes the drafts fewer.
    """
    windows = _some(windows_of(desk.source.text), first=len(desk.known))
    if desk.wanted.kind == "summary":
        _summarise(desk, windows, user_id=user_id)
        return
    spread = shares({place: len(window) for place, window in enumerate(windows)}, desk.wanted.count)
    for place, count in spread.items():
        wanted = replace(desk.wanted, count=count)
        for written in _accepted(desk, windows[place], wanted, user_id=user_id):
            desk.keep(written, is_by_rule=False)


def _summarise(desk: Desk, windows: Sequence[str], *, user_id: int | None) -> None:
    """Write one summary, of each window a paragraph; a paragraph that breaks a rule twice is left out."""
    paragraphs = [
        written
        for window in windows
        for written in _accepted(desk, window, replace(desk.wanted, count=1), user_id=user_id)
    ]
    if paragraphs:
        whole = "\n\n".join(str(written.body["text"]) for written in paragraphs)
        desk.judge([Written({"text": whole}, paragraphs[0].quote)], is_by_rule=False)


def _accepted(desk: Desk, window: str, wanted: Wanted, *, user_id: int | None) -> list[Written]:
    """Return at most ``wanted.count`` drafts of a window that break no rule."""
    prompt = prompt_for(desk.source, window, wanted)
    good, broken = desk.sorted_out(_answered(desk, prompt, wanted, user_id=user_id), most=wanted.count)
    missing = min(wanted.count - len(good), len(broken))
    if missing > 0:
        fewer = replace(wanted, count=missing)
        again = prompt_for_missing(prompt, fewer, made=good, broken=sorted(set(broken)))
        more, _broken = desk.sorted_out(_answered(desk, again, fewer, user_id=user_id), most=missing, beside=good)
        good += more
    return good


def _answered(desk: Desk, prompt: Prompt, wanted: Wanted, *, user_id: int | None) -> list[Written]:
    try:
        answer = chain.structured(prompt, user_id=user_id, purpose="generation")
    except ProviderFailed:
        if not desk.is_begun:
            raise
        log.warning("content %s: fewer drafts, for a model gave none", desk.source.content_id)
        desk.making.refused[NOT_ANSWERED] += wanted.count
        return []
    desk.is_begun = True
    return drafts_in(answer, wanted)


def _some(windows: Sequence[str], *, first: int) -> list[str]:
    if len(windows) <= MOST_WINDOWS:
        return list(windows)
    places = {(first + number * len(windows) // MOST_WINDOWS) % len(windows) for number in range(MOST_WINDOWS)}
    return [windows[place] for place in sorted(places)]
