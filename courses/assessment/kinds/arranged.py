"""Questions whose answer arranges what is shown: pairs and orders. What is shown is shuffled, and so are the rows."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from courses.assessment.kinds.base import (
    MOST_OPTIONS,
    Kind,
    Malformed,
    Parts,
    QuestionDraft,
    RightAnswer,
    ShownOption,
    check_texts,
    known_ids,
    placed,
    refuse,
    shuffled,
)
from courses.assessment.models import QuestionOption, QuestionType

_LEFT, _RIGHT = QuestionOption.Side.LEFT, QuestionOption.Side.RIGHT


def _check_texts_differ(texts: Sequence[str], attr: str) -> None:
    if not 2 <= len(texts) <= MOST_OPTIONS:
        raise refuse(attr, _("Give 2 to %(most)s of them.") % {"most": MOST_OPTIONS})
    check_texts(texts, attr)
    if len(set(texts)) != len(texts):
        raise refuse(attr, _("Two of them are the same: nobody could tell them apart."), "duplicate")


class Matching(Kind):
    """Each left has one right; rights of the same words are one row, so that a learner can't pick the wrong twin."""

    question_type = QuestionType.MATCHING
    answers_with = "pairs"
    authored_fields = frozenset({"pairs"})
    ids_could_tell = True

    def check(self, draft: QuestionDraft) -> None:
        _check_texts_differ([pair.left for pair in draft.pairs], "pairs")
        check_texts([pair.right for pair in draft.pairs], "pairs")

    def rows(self, draft: QuestionDraft) -> list[QuestionOption]:
        rights: dict[str, QuestionOption] = {}
        for pair in draft.pairs:
            rights.setdefault(pair.right, QuestionOption(option_text=pair.right, side=_RIGHT))
        lefts = [
            QuestionOption(option_text=pair.left, side=_LEFT, order=place, match=rights[pair.right])
            for place, pair in enumerate(draft.pairs, 1)
        ]
        return [*rights.values(), *lefts]

    def parts(self, options: Sequence[ShownOption], rng: random.Random) -> Parts:
        return {
            side: shuffled((option.id for option in options if option.side == side), rng) for side in ("left", "right")
        }

    def read(self, value: Any, parts: Parts) -> list[list[int]]:
        if any(len(pair) != 2 for pair in value):
            raise Malformed
        known_ids((left for left, _right in value), parts["left"])
        if not {right for _left, right in value} <= set(parts["right"]):
            raise Malformed
        return [list(pair) for pair in value]

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        return {tuple(pair) for pair in value} == {(left.pk, left.match_id) for left in answer.on(_LEFT)}

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return {"pairs": [[left.pk, left.match_id] for left in answer.on(_LEFT)]}

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        texts = {right.pk: right.option_text for right in answer.on(_RIGHT)}
        return {
            "pairs": [
                {"left": left.option_text, "right": texts.get(left.match_id or 0, "")} for left in answer.on(_LEFT)
            ]
        }


class Ordering(Kind):
    question_type = QuestionType.ORDERING
    answers_with = "order"
    authored_fields = frozenset({"options"})
    ids_could_tell = True

    def check(self, draft: QuestionDraft) -> None:
        _check_texts_differ([option.option_text for option in draft.options], "options")

    def rows(self, draft: QuestionDraft) -> list[QuestionOption]:
        return [QuestionOption(option_text=option.option_text, order=place) for place, option in placed(draft.options)]

    def parts(self, options: Sequence[ShownOption], rng: random.Random) -> Parts:
        return {"options": shuffled((option.id for option in options), rng)}

    def read(self, value: Any, parts: Parts) -> list[int]:
        return known_ids(value, parts["options"])

    def is_right(self, value: Any, answer: RightAnswer) -> bool:
        return list(value) == [option.pk for option in answer.options]

    def correct(self, answer: RightAnswer) -> Mapping[str, Any]:
        return {"order": [option.pk for option in answer.options]}

    def authored(self, answer: RightAnswer) -> dict[str, Any]:
        return {
            "options": [{"id": row.pk, "option_text": row.option_text, "order": row.order} for row in answer.options]
        }
