"""The types of question: a small class each, registered here. Whoever asks or grades goes through ``kind_of``."""

from django.utils.translation import gettext_lazy as _

from courses.assessment.kinds.arranged import Matching, Ordering
from courses.assessment.kinds.base import (
    Kind,
    Malformed,
    OptionDraft,
    PairDraft,
    Parts,
    QuestionDraft,
    Response,
    RightAnswer,
    ShownOption,
    ShownQuestion,
    refuse,
)
from courses.assessment.kinds.choices import MultipleChoice, MultipleSelect, TrueFalse
from courses.assessment.kinds.words import Essay, FillInBlank, Numeric, as_number

KINDS: dict[str, Kind] = {
    kind.question_type.value: kind
    for kind in (
        MultipleChoice(),
        MultipleSelect(),
        TrueFalse(),
        FillInBlank(),
        Numeric(),
        Matching(),
        Ordering(),
        Essay(),
    )
}
#: Every field that an answer may hold its response in; each question takes exactly one of them.
RESPONSE_FIELDS = tuple(dict.fromkeys(kind.answers_with for kind in KINDS.values()))
_KEY_FIELDS = ("options", "accepted_answers", "number", "tolerance", "pairs")


def kind_of(question_type: str) -> Kind:
    return KINDS[question_type]


def check_draft(draft: QuestionDraft) -> None:
    """Refuse (400) a draft that could not be asked or graded, or that fills in what its type has no use for."""
    kind = kind_of(draft.question_type)
    for name in _KEY_FIELDS:
        if name not in kind.authored_fields and getattr(draft, name):
            raise refuse(name, _("A question of this type has no use for this."), "not_for_this_type")
    kind.check(draft)


__all__ = [
    "KINDS",
    "RESPONSE_FIELDS",
    "Kind",
    "Malformed",
    "OptionDraft",
    "PairDraft",
    "Parts",
    "QuestionDraft",
    "Response",
    "RightAnswer",
    "ShownOption",
    "ShownQuestion",
    "as_number",
    "check_draft",
    "kind_of",
    "refuse",
]
