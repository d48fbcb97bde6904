"""Practice: an attempt at questions drawn from the bank. It is saved and submitted like any other attempt."""

import random
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.grading import Shown, lay_out
from courses.assessment.models import QuizAnswer, QuizAttempt
from courses.assessment.selectors import Found, OpenAttempt, Wanted, questions_as_shown, questions_in_bank
from e_learning.core.api.errors import Conflict

_rng = random.SystemRandom()
MOST_OPEN = 20
#: Each try that fails means that the same learner drew another one in that moment, or that a question was removed.
_MOST_TRIES = 8


class NoQuestions(Conflict):
    code = "no_questions"
    message = _("Your courses have no questions like these to practise now.")


class TooManyOpen(Conflict):
    code = "too_many_open"
    message = _("Submit the assessments that you have open first.")


def draw_assessment(
    *, learner: User, wanted: Wanted, count: int, now: datetime | None = None, rng: random.Random = _rng
) -> OpenAttempt:
    """Draw up to ``count`` questions for the learner and begin an attempt at them.

    Those never asked come first, then those asked longest ago; among equals ``rng`` decides. Refuses with
    409 ``no_questions`` and, at ``MOST_OPEN`` assessments not submitted, 409 ``too_many_open``.
    """
    now = now or timezone.now()
    for _try in range(_MOST_TRIES):
        found = questions_in_bank(learner, wanted, now)
        if not found:
            raise NoQuestions
        if found[0].open_assessments >= MOST_OPEN:
            raise TooManyOpen
        begun = _begin(learner, drawn(found, count, rng), found[0].last_number + 1, now, rng)
        if begun is not None:
            return begun
    raise Conflict


def drawn(found: Sequence[Found], count: int, rng: random.Random) -> list[int]:
    """Return the ids of ``count`` questions, least recently seen first, ties shuffled by ``rng``. Pure."""
    shuffled = rng.sample(found, len(found))
    shuffled.sort(key=lambda one: (one.seen_at is not None, one.seen_at))
    return [one.id for one in shuffled[:count]]


def _begin(learner: User, ids: list[int], number: int, now: datetime, rng: random.Random) -> OpenAttempt | None:
    """Insert the attempt; None where the database says that it was drawn from what is no longer so.

    The number is unique among the learner's assessments: of two draws that counted the same, one begins.
    """
    shown = questions_as_shown(ids=ids)
    shown = Shown({id_: shown.questions[id_] for id_ in ids if id_ in shown.questions}, shown.options)
    if not shown.questions:
        return None
    attempt = QuizAttempt(user=learner, attempt_number=number, started_at=now, layout=lay_out(shown, rng))
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
            QuizAnswer.objects.bulk_create(
                QuizAnswer(attempt=attempt, question_id=id_) for id_ in sorted(shown.questions)
            )
    except IntegrityError:
        return None
    return OpenAttempt(attempt, shown, {})
