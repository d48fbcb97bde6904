"""Moving the deadline of attempts that are running.

A quiz's ``time_limit`` says how long attempts get that begin from now on; those that are running keep
the deadline they began with, and only this moves it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.kinds import refuse
from courses.assessment.models import Quiz, QuizAttempt
from courses.catalogue.models import Course

MOST_SECONDS = 24 * 60 * 60


def extend_deadlines(*, author: User, attempt_ids: Collection[int], seconds: int, now: datetime | None = None) -> int:
    """Give attempts ``seconds`` more; returns how many got them.

    Those get them that run, have a deadline still ahead, and are of the author's courses; the others
    stay as they are, also one past its deadline that the sweep has not met yet: its time was over.
    Refuses (400) less than a second and more than a day. Announces nothing.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise refuse("seconds", _("Give 1 to %(most)s seconds.") % {"most": MOST_SECONDS})
    # By a set of quizzes, not over joins: the conditions then stand in the update itself, and the database
    # asks them again of a row that was closed while this waited for it.
    owned = Quiz.objects.filter(content__module__course__in=Course.objects.owned_by(author)).values("pk")
    chosen = QuizAttempt.objects.filter(pk__in=attempt_ids, quiz__in=owned)
    return chosen.filter(_in_time(now or timezone.now())).update(deadline=F("deadline") + timedelta(seconds=seconds))


def _in_time(now: datetime) -> Q:
    return Q(status=QuizAttempt.Status.OPEN, deadline__gt=now)
