"""The tutor without a model, asked every question of its benchmark: what it cites, and what it declines."""

import pytest

from benchmarks.tutor.measuring import asked_of, make_school, measures
from benchmarks.tutor.questions import ANSWERABLE, UNANSWERABLE

pytestmark = pytest.mark.django_db


def test_answers_come_from_the_right_content_and_nothing_else_is_answered() -> None:
    learner = make_school()
    answerable, unanswerable = (
        [outcome for outcomes in asked_of(learner, questions).values() for outcome in outcomes]
        for questions in (ANSWERABLE, UNANSWERABLE)
    )
    assert len(answerable) >= 60
    assert len(unanswerable) >= 40
    for half in (True, False):
        reached = measures(
            [one for one in answerable if one.is_tuned_on is half],
            [one for one in unanswerable if one.is_tuned_on is half],
        )
        assert [measure for measure in reached if not measure.is_reached] == [], f"tuned on: {half}"
