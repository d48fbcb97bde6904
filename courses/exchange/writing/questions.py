"""Questions of a file written into a quiz, over the rows that are there: learners may have answered them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft, RightAnswer
from courses.assessment.models import Question, Quiz, QuizAnswer
from courses.assessment.selectors import authored_question, right_answers
from courses.assessment.services.authoring import add_questions, draft_from, rewrite_question
from courses.exchange.olx.structure import LeftOut
from courses.exchange.questions.structure import FILE_ID, Found
from courses.exchange.questions.writer import told_apart


@dataclass(frozen=True, slots=True)
class Written:
    new: int
    changed: int
    same: int
    left_out: tuple[LeftOut, ...]


def stored_draft(answer: RightAnswer) -> QuestionDraft:
    """Return a question of ours as its author would write it."""
    return replace(draft_from(authored_question(answer)), external_id=answer.question.external_id)


def write_found(quiz: Quiz, found: Sequence[Found]) -> Written:
    """Bring the questions of ``quiz`` in line with those found, in the caller's transaction; new ones go last.

    A question is the same by what the file calls it; without that, an author's own of the same type and
    words is taken for it. One that comes as another type is written anew, and left out where learners have
    answered it: their answers would go with it.
    """
    there = _Shelf(quiz)
    new: list[QuestionDraft] = []
    gone: list[int] = []
    left_out: list[LeftOut] = []
    changed = 0
    for one in found:
        draft = one.built.draft
        answer = there.take(draft)
        if answer is None:
            new.append(replace(draft, order=None))
        elif answer.question.question_type == draft.question_type:
            changed += _rewritten(answer, one)
        elif QuizAnswer.objects.filter(question=answer.question).exists():
            left_out.append(LeftOut(one.kind, one.id, _("learners have answered it as a question of another type")))
        else:
            gone.append(answer.question.pk)
            new.append(replace(draft, order=answer.question.order))
    if gone:
        Question.objects.filter(pk__in=gone).delete()
    if new:
        add_questions(quiz=quiz, drafts=new)
    return Written(len(new), changed, len(found) - len(new) - changed - len(left_out), tuple(left_out))


def _rewritten(answer: RightAnswer, found: Found) -> bool:
    """Write a question over the one that is there, and say whether that changed it."""
    question, draft = answer.question, found.built.draft
    kept = {
        name: getattr(question, name)
        for name in ("points", "difficulty", "topic")
        if name not in found.built.said  # what an author set here stays
    }
    # A name that a course's import gave stays too: that import finds its questions by it.
    named = question.external_id or draft.external_id
    draft = replace(draft, order=question.order, external_id=named, **kept)
    if told_apart(stored_draft(answer)) != told_apart(draft):
        rewrite_question(answer, draft)
        return True
    if not question.external_id:
        Question.objects.filter(pk=question.pk).update(external_id=draft.external_id)
    return False


class _Shelf:
    """The questions of a quiz by what they are called, each taken once; two statements."""

    def __init__(self, quiz: Quiz) -> None:
        answers = right_answers(Question.objects.filter(quiz=quiz).order_by("order", "id")).values()
        self._named = {answer.question.external_id: answer for answer in answers if answer.question.external_id}
        self._by_hand = [answer for answer in answers if not answer.question.external_id]

    def take(self, draft: QuestionDraft) -> RightAnswer | None:
        """Return the question that ``draft`` is; one that a course's import named has its name without our mark."""
        for name in (draft.external_id, draft.external_id.removeprefix(FILE_ID)):
            if name in self._named:
                return self._named.pop(name)
        same = (
            answer
            for answer in self._by_hand
            if (answer.question.question_type, answer.question.question_text)
            == (draft.question_type, draft.question_text)
        )
        answer = next(same, None)
        if answer is not None:
            self._by_hand.remove(answer)
        return answer
