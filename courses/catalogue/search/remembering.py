"""What people search for: a person's own latest, and what several of them ask."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.api import User
from courses.catalogue.models import PopularSearch, RecentSearch
from e_learning.core.words import words_of

HALF_LIFE = timedelta(days=3)
KEPT_A_PERSON = 20
SHOWN = 10
_KEPT_FOR = timedelta(days=180)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST = 100

_KEEP_RECENT = """
    INSERT INTO courses_recentsearch (user_id, words, typed, asked_at)
    VALUES (%(user_id)s, %(words)s, %(typed)s, %(now)s)
    ON CONFLICT (user_id, words) DO UPDATE SET typed = excluded.typed, asked_at = excluded.asked_at
"""
# Two others have it among their recent ones: a row that only one or two people know of is never made. Three who
# ask for the first time at the same moment may not see each other; the next one is counted.
_COUNT = """
    INSERT INTO courses_popularsearch AS kept (words, times, score, asked_at)
    SELECT {words}, 1, {weight}, {now} WHERE 2 <= (
        SELECT count(*) FROM (
            SELECT 1 FROM courses_recentsearch WHERE words = {words} AND user_id <> {user_id} LIMIT 2
        ) AS others
    )
    ON CONFLICT (words) DO UPDATE SET
        times = kept.times + 1,
        asked_at = excluded.asked_at,
        score = {greatest}(kept.score, excluded.score)
            + ln(1 + power(2, -{least}(abs(kept.score - excluded.score), 60))) / ln(2)
"""
_COUNT_POSTGRESQL = _COUNT.format(
    words="%(words)s::varchar",
    user_id="%(user_id)s::bigint",
    weight="%(weight)s::float8",
    now="%(now)s::timestamptz",
    greatest="greatest",
    least="least",
)
# WHERE true: without it SQLite reads the ON of a SELECT's conflict clause as one of a join.
_COUNT_SQLITE = _COUNT.format(
    words="%(words)s", user_id="%(user_id)s", weight="%(weight)s", now="%(now)s", greatest="max", least="min"
)
_KEEP_AND_COUNT_POSTGRESQL = f"WITH own AS ({_KEEP_RECENT}) {_COUNT_POSTGRESQL}"


def remember_search(*, user: User, typed: str, is_public: bool, at: datetime) -> None:
    """Keep what ``user`` found something by among their recent searches, and count it where others ask it too.

    ``is_public``: what was found is there for everybody; a question that finds only what its asker may
    see is nobody else's to be shown. One statement on PostgreSQL, two on SQLite; safe beside itself. A
    question of more than 100 characters is not kept.
    """
    words, shown = " ".join(words_of(typed)), " ".join(typed.split())
    if not words or max(len(words), len(shown)) > _LONGEST:
        return
    values: dict[str, Any] = {
        "user_id": user.pk,
        "words": words,
        "typed": shown,
        "now": connection.ops.adapt_datetimefield_value(at),
        "weight": _weight(at),
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_KEEP_AND_COUNT_POSTGRESQL if is_public else _KEEP_RECENT, values)
            return
        cursor.execute(_KEEP_RECENT, values)
        if is_public:
            cursor.execute(_COUNT_SQLITE, values)


def recent_searches(user: User, *, beginning: str = "") -> list[str]:
    """Return what ``user`` last searched for, as it was typed, latest first."""
    own = RecentSearch.objects.filter(user=user, words__startswith=_words(beginning))
    return list(own.order_by("-asked_at", "-id").values_list("typed", flat=True)[:SHOWN])


def popular_searches(*, beginning: str = "") -> list[str]:
    """Return what was asked most often, of what three people or more have asked."""
    return _words_of(_beginning_with(beginning).order_by("-times", "words"))


def trending_searches(*, at: datetime, beginning: str = "") -> list[str]:
    """Return what is asked most often of late; an asking counts half every ``HALF_LIFE``, and no more below a half."""
    alive = _beginning_with(beginning).filter(score__gte=_weight(at) - 1)
    return _words_of(alive.order_by("-score", "words"))


def forget_old_searches(*, at: datetime) -> int:
    """Remove what nobody is shown any more: beyond 20 a person, and what was not asked for half a year."""
    place = Window(RowNumber(), partition_by=F("user"), order_by=[F("asked_at").desc(), F("id").desc()])
    beyond = RecentSearch.objects.annotate(place=place).filter(place__gt=KEPT_A_PERSON)
    removed = RecentSearch.objects.filter(
        pk__in=list(beyond.order_by().values_list("pk", flat=True)[:10_000])
    ).delete()[0]
    removed += RecentSearch.objects.filter(asked_at__lt=at - _KEPT_FOR).delete()[0]
    return removed + PopularSearch.objects.filter(asked_at__lt=at - _KEPT_FOR).delete()[0]


def _weight(at: datetime) -> float:
    """Return the score of one asking at that time: its logarithm, so that no date is too far for a float."""
    return (at - _BEGINNING) / HALF_LIFE


def _words(beginning: str) -> str:
    return " ".join(words_of(beginning[:_LONGEST]))


def _beginning_with(beginning: str) -> QuerySet[PopularSearch]:
    return PopularSearch.objects.filter(words__startswith=_words(beginning))


def _words_of(rows: QuerySet[PopularSearch]) -> list[str]:
    return list(rows.values_list("words", flat=True)[:SHOWN])
