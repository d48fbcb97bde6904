"""Questions whose answer is chosen from options: one, several, true or false."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.assessment.kinds.base import (
    MOST_OPTIONS,
    Kind,
    Parts,
    QuestionDraft,
    RightAnswer,
    ShownOption,
    check_texts,
    known_ids,
    placed,
    refuse,
)
from courses.assessment.models import QuestionOption, QuestionType


class _Choice(Kind):
    authored_fields = frozenset({"options"})

    def check(self, draft: QuestionDraft) -> None:
        if not 2 <= len(draft.options) <= MOST_OPTIONS:
            raise refuse("options", _("Give 2 to %(most)s options.") % {"most": MOST_OPTIONS})
        check_texts([option.option_text for option in draft.options], "options")
        if not self._right_number_is_right(sum(option.is_correct for option in draft.options)):
            raise refuse("options", self._which_are_right)

    _which_are_right = _("Exactly one option is right.")

    def _right_number_is_right(self, right: int) -> bool:
        return right == 1

    def rows(self, draft: QuestionDraft) -> list[QuestionOption]:
        return [
            QuestionOption(option_text=option.option_text, is_correct=option.is_correct, order=place)
            for place, option in placed(draft.options)
        ]

    def parts(self, options: Sequence[ShownOption], rng: random.Random) -> Parts:
        # In the author's order, which is no secret: "all of the above" has to come last.
        return {"options": [option.id for option in options]}

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        return {
            "options": [
                {"id": row.pk, "option_text": row.option_text, "is_correct": row.is_correct, "order": row.order}
                for row in answer.options
            ]
        }


class _OneChoice(_Choice):
    answers_with = "selected_option_id"

    def read(self, value: Any, parts: Parts) -> int:
        return known_ids([value], parts["options"])[0]

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        return any(option.pk == value and option.is_correct for option in answer.options)

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return {"selected_option_id": next((row.pk for row in answer.options if row.is_correct), None)}


class MultipleChoice(_OneChoice):
    question_type = QuestionType.MULTIPLE_CHOICE


class TrueFalse(_OneChoice):
    question_type = QuestionType.TRUE_FALSE

    def check(self, draft: QuestionDraft) -> None:
        super().check(draft)
        if len(draft.options) != 2:
            raise refuse("options", _("True or false has two options."))


class MultipleSelect(_Choice):
    question_type = QuestionType.MULTIPLE_SELECT
    answers_with = "selected_option_ids"
    _which_are_right = _("At least one option is right.")

    def _right_number_is_right(self, right: int) -> bool:
        return right >= 1

    def read(self, value: Any, parts: Parts) -> list[int]:
        return known_ids(value, parts["options"])

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        return set(value) == {option.pk for option in answer.options if option.is_correct}

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return {"selected_option_ids": [row.pk for row in answer.options if row.is_correct]}
