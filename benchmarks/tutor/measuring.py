"""The tutor asked all of its questions: what it finds, what it cites first, what it declines.

Imported once Django is set up for a database of the run's own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from accounts.models import CustomUser
from benchmarks.tutor.questions import Asked
from chatbot.providers.base import Piece, Prompt
from chatbot.providers.offline import OfflineProvider
from chatbot.retrieval.judging import is_answered_by
from chatbot.retrieval.selectors import passages_for
from chatbot.retrieval.services import index_course
from courses.exchange.services import import_olx_course
from courses.models import Course, Enrollment
from e_learning.demo.seeding import seed_demo_school

HERE = Path(__file__).resolve().parent
#: What must be reached, as parts of all that is asked.
CITED, IN_TOP_THREE, DECLINED, ANSWERED = 0.85, 0.95, 0.90, 0.85


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question. ``cited`` is what the first quotation is from; None where nothing was answered."""

    asked: Asked
    is_tuned_on: bool
    found: tuple[str, ...]
    cited: str | None

    @property
    def is_cited_right(self) -> bool:
        return self.cited in self.asked.titles

    @property
    def is_in_top_three(self) -> bool:
        """Whether a right content is among the first three contents that were found."""
        return any(title in self.asked.titles for title in list(dict.fromkeys(self.found))[:3])


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of questions that must be reached."""

    name: str
    reached: float
    target: float

    @property
    def is_reached(self) -> bool:
        return self.reached >= self.target


def make_school() -> CustomUser:
    """Fill an empty, migrated database; returns the learner, who takes three courses of the five in it."""
    seed_demo_school()
    plants = import_olx_course(path=HERE / "plants", publish=True).course_id
    import_olx_course(path=HERE / "night_sky", publish=True)
    learner = CustomUser.objects.get(username="bilal")
    for course in (plants, Course.objects.get(external_id="demo:spoken-english").pk):
        Enrollment.objects.create(user=learner, course_id=course)
    for course_id in Course.objects.values_list("pk", flat=True):
        index_course(course_id=course_id)
    return learner


def take_course(path: Path) -> CustomUser:
    """Import the OLX course at ``path``; returns a learner who takes it and nothing else."""
    course_id = import_olx_course(path=path, publish=True).course_id
    index_course(course_id=course_id)
    learner = CustomUser.objects.get(username="chitra")
    Enrollment.objects.create(user=learner, course_id=course_id)
    return learner


def outcomes(learner: CustomUser, questions: Iterable[Asked]) -> Iterator[Outcome]:
    """Ask as the tutor does: find, judge, quote. Questions in even places were tuned on."""
    for place, asked in enumerate(questions):
        passages = passages_for(user=learner, question=asked.question)
        cited = None
        if is_answered_by(asked.question, passages):
            prompt = Prompt(turns=(), question=asked.question, passages=passages)
            answer = "".join(piece.text for piece in OfflineProvider().stream(prompt) if isinstance(piece, Piece))
            number = answer[answer.index("[") + 1 : answer.index("]")]
            cited = passages[int(number) - 1].title
        yield Outcome(asked, place % 2 == 0, tuple(passage.title for passage in passages), cited)


def measures(answerable: list[Outcome], unanswerable: list[Outcome]) -> list[Measure]:
    """Return what must be reached. A question that was declined is not cited right."""
    answered = [outcome for outcome in answerable if outcome.cited is not None]
    found = [
        Measure("answered of the answerable", _share(len(answered), answerable), ANSWERED),
        Measure("cited content right", _share(sum(one.is_cited_right for one in answerable), answerable), CITED),
        Measure("right one in top 3", _share(sum(one.is_in_top_three for one in answerable), answerable), IN_TOP_THREE),
    ]
    declined = sum(outcome.cited is None for outcome in unanswerable)
    return [*found, Measure("declined of the unanswerable", _share(declined, unanswerable), DECLINED)]


def _share(count: int, of: list[Outcome]) -> float:
    return count / len(of) if of else 1.0


def asked_of(learner: CustomUser, sets: Mapping[str, Iterable[Asked]]) -> dict[str, list[Outcome]]:
    return {name: list(outcomes(learner, questions)) for name, questions in sets.items()}
