"""Every read of the room."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from courses.languages.cues import Cue, overlapping_texts, words_of
from courses.languages.models import Subtitle
from e_learning.core.api.errors import NotThere
from e_learning.core.storage import sign_address


@dataclass(frozen=True, slots=True)
class SubtitleCues:
    """One language's cues of a content, and those in the reader's own language where there are such."""

    cues: list[Cue]
    translation: list[Cue]


def subtitle_tracks(content_id: int) -> list[dict[str, Any]]:
    """Return ``[{"language", "url"}]``: signed addresses of WebVTT, for players, which send no token. One statement."""
    path = subtitles_path(content_id)
    return [
        {
            "language": language,
            "url": f"{settings.PUBLIC_URL}{path}?language={language}&format=vtt&{sign_address(path)}",
        }
        for language in Subtitle.objects.filter(content_id=content_id).values_list("language", flat=True)
    ]


def subtitles_path(content_id: int) -> str:
    return f"/api/courses/contents/{content_id}/subtitles/"


def subtitles_of(*, content_id: int, language: str, own_language: str = "") -> SubtitleCues:
    """Return the content's cues in ``language``, with those in the reader's ``own_language``; two statements.

    Without ``language`` the first one that is there, in the alphabet's order; 404 for one that is not.
    ``hi-IN`` finds ``hi`` where there is no closer one, and the other way round.
    """
    there = list(Subtitle.objects.filter(content_id=content_id).values_list("language", flat=True))
    chosen = closest(language, there) if language else next(iter(there), None)
    if chosen is None:
        if language:
            raise NotThere
        return SubtitleCues([], [])
    own = closest(own_language, there)
    tracks = dict(
        Subtitle.objects.filter(content_id=content_id, language__in={chosen, own or chosen}).values_list(
            "language", "cues"
        )
    )
    return SubtitleCues(tracks.get(chosen, []), tracks.get(own, []) if own and own != chosen else [])


def closest(language: str, there: Iterable[str]) -> str | None:
    """Return the tag in ``there`` that is ``language``, else the first of the same main language, else None."""
    wanted = language.lower()
    main = wanted.partition("-")[0]
    same_main = [tag for tag in there if tag.lower().partition("-")[0] == main]
    return next((tag for tag in same_main if tag.lower() == wanted), next(iter(same_main), None))


def cue_rows(subtitles: SubtitleCues) -> list[dict[str, Any]]:
    """Return ``[{"start", "end", "text", "translation", "words"}]``; ``translation`` is None where none overlaps."""
    translations = overlapping_texts(subtitles.cues, subtitles.translation)
    return [
        {**cue, "translation": translation, "words": words_of(cue["text"])}
        for cue, translation in zip(subtitles.cues, translations, strict=True)
    ]
