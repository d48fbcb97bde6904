"""Any order, splitting, repetition and device of the same updates ends in the same rows, percent and events."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from accounts.models import CustomUser
from courses.events import ContentCompleted, CourseCompleted
from courses.learning import folding
from courses.learning.completion import percent_of
from courses.learning.folding import Folded, ProgressUpdate, Standard
from courses.learning.selectors import course_progress_of
from courses.learning.services import complete_content, keeping, record_progress, sync_progress
from courses.models import Content, Enrollment, Progress, ProgressSlot
from e_learning.core.api.tokens import AccessClaims
from e_learning.core.events import listens_to
from tests.courses.learning.plain_fold import end_by_hand, end_in_the_database, told_by_hand, told_in_the_platform
from tests.factories.courses import enroll, make_content, make_course
from tests.factories.people import session_for
from tests.thorough import times

MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
MOST_UPDATES = 60
told: list[Any] = []
listens_to(ContentCompleted)(told.append)
listens_to(CourseCompleted)(told.append)


@dataclass
class School:
    """Bilal, enrolled in two courses of Asha's whose contents complete in different ways."""

    learner: CustomUser
    caller: AccessClaims
    enrollments: dict[Enrollment, list[Content]] = field(default_factory=dict)

    @property
    def contents(self) -> list[Content]:
        return [content for contents in self.enrollments.values() for content in contents]

    @property
    def quiz(self) -> Content:
        return next(content for content in self.contents if content.content_type == "quiz")

    def start_over(self) -> None:
        Progress.objects.all().delete()
        ProgressSlot.objects.all().delete()
        Enrollment.objects.update(completed_count=0, latest_completion_at=None, completed_at=None)
        told.clear()


@pytest.fixture
def school(transactional_db: None, asha: CustomUser, bilal: CustomUser) -> School:
    there = School(bilal, AccessClaims(user_id=bilal.pk, session_id=session_for(bilal).pk, expires_at=2**40))
    # Bilal joins within a quarter of an hour in which, and after one in which, updates of the course are from.
    joined = MORNING + timedelta(minutes=20)
    for kinds in ([("video", 100), ("text", None), ("quiz", None)], [("video", 40), ("video", None)]):
        course = make_course(asha, contents=0)
        module = course.modules.get()
        contents = [
            make_content(module, content_type=kind, video_duration=seconds, order=place)
            for place, (kind, seconds) in enumerate(kinds)
        ]
        there.enrollments[enroll(bilal, course, enrollment_date=joined)] = contents
    return there


# Few values, so that updates meet: the same moment, the same quarter of an hour, the same seconds of a film.
moments = st.integers(0, 24).map(lambda step: MORNING + timedelta(seconds=200 * step))
films_seen = st.lists(st.tuples(st.integers(0, 10), st.integers(1, 6)), max_size=3).map(
    lambda pieces: [(10 * start, 10 * (start + length)) for start, length in pieces]
)
numbers = st.sampled_from([0, 20, 37, 60, 91, 99])


#: About one of the five contents, by its place until the rows are known.
updates = st.builds(ProgressUpdate, st.integers(0, 4), numbers, numbers, moments, st.none() | films_seen, st.booleans())


class Devices(RuleBasedStateMachine):
    """Two devices that are mostly offline, one that is online, and quizzes passed in between."""

    school: School

    def __init__(self) -> None:
        super().__init__()
        self.school.start_over()
        self.noted: dict[str, list[ProgressUpdate]] = {"phone": [], "tablet": []}
        self.all: list[ProgressUpdate] = []
        self.passes: list[tuple[int, datetime]] = []

    def room(self) -> bool:
        return len(self.all) < MOST_UPDATES

    def about_a_content(self, update: ProgressUpdate) -> ProgressUpdate:
        return replace(update, content_id=self.school.contents[update.content_id].pk)

    def send(self, batch: list[ProgressUpdate]) -> list[str]:
        outcome = sync_progress(learner=self.school.learner, updates=batch, now=timezone.now())
        return [result.status for result in outcome.results]

    @precondition(room)
    @rule(device=st.sampled_from(["phone", "tablet"]), some=st.lists(updates, min_size=5, max_size=30))
    def note_offline(self, device: str, some: list[ProgressUpdate]) -> None:
        some = [self.about_a_content(update) for update in some[: MOST_UPDATES - len(self.all)]]
        self.noted[device] += some
        self.all += some

    @precondition(room)
    @rule(update=updates)
    def update_live(self, update: ProgressUpdate) -> None:
        update = self.about_a_content(update)
        self.all.append(update)
        record_progress(caller=self.school.caller, update=update, now=timezone.now())

    @rule(device=st.sampled_from(["phone", "tablet"]), random=st.randoms(use_true_random=False), lost=st.booleans())
    def sync(self, device: str, random: Any, lost: bool) -> None:
        """In any order; where the answer is lost the device keeps its notes and sends them again later."""
        batch = random.sample(self.noted[device], len(self.noted[device]))
        if batch:
            self.send(batch)
        if not lost:
            self.noted[device] = []

    @precondition(lambda self: self.all)
    @rule(data=st.data())
    def send_some_again(self, data: Any) -> None:
        again = data.draw(st.lists(st.sampled_from(self.all), min_size=1, max_size=4))
        if data.draw(st.booleans()):
            self.send(again)
        else:
            record_progress(caller=self.school.caller, update=again[0], now=timezone.now())
        # What was only noted so far has now been sent as well; its device will send it once more.

    @precondition(lambda self: len(self.passes) < 3)
    @rule(at=moments)
    def pass_the_quiz(self, at: datetime) -> None:
        quiz = self.school.quiz
        [enrollment] = [e for e, contents in self.school.enrollments.items() if quiz in contents]
        with transaction.atomic():
            complete_content(enrollment_id=enrollment.pk, content_id=quiz.pk, at=at)
        self.passes.append((quiz.pk, at))

    def teardown(self) -> None:
        for batch in self.noted.values():
            if batch:
                self.send(batch)
        expected = end_by_hand(self.school.enrollments, self.all, self.passes)
        assert end_in_the_database() == expected
        assert told_in_the_platform(told) == told_by_hand(expected, self.school.enrollments)
        if self.all:
            assert set(self.send(self.all)) == {"stale"}
            assert end_in_the_database() == expected
        for enrollment, contents in self.school.enrollments.items():
            percent = course_progress_of(self.school.learner, enrollment.course_id)["progress_percent"]
            assert percent == percent_of(expected.enrollments[enrollment.pk][0], len(contents))


def run(school: School, *, examples: int, **values: Any) -> None:
    run_state_machine_as_test(
        type("DevicesOfSchool", (Devices,), {"school": school}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=14,
            suppress_health_check=list(HealthCheck),
            **values,
        ),
    )


def test_any_order_splitting_repetition_and_device_ends_the_same(school: School) -> None:
    run(school, examples=times(200, few=40))


def last_writer_wins(state: Folded, update: ProgressUpdate, standard: Standard) -> bool:
    state.position_at = folding.BEFORE_ALL
    return folding.fold(state, update, standard)


def first_completion_stays(state: Folded, standard: Standard) -> bool:
    before = state.completed_at
    newly = folding.conclude(state, standard)
    state.completed_at = before or state.completed_at
    return newly


@pytest.fixture(params=[("fold", last_writer_wins), ("conclude", first_completion_stays)], ids=lambda p: p[1].__name__)
def a_worse_rule(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, *request.param)


@pytest.mark.usefixtures("a_worse_rule")
def test_a_rule_that_knows_the_order_is_found_out(school: School) -> None:
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(school, examples=200, phases=[Phase.generate])
