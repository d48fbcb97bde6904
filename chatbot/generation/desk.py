"""Where the drafts of one content are judged, one after the other, whoever wrote them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chatbot.generation.bodies import with_source
from chatbot.generation.making import Made, Making, Source, Wanted, Written
from chatbot.generation.rules import Judged, comparable_question, first_broken, quote_of
from chatbot.providers.offline import language_of


@dataclass(slots=True)
class Desk:
    """``known`` are the questions that are there already, as ``comparable_question`` has them, and those that are kept.
    ``is_begun``: a model has answered.
    """

    source: Source
    wanted: Wanted
    known: list[str]
    making: Making = field(default_factory=Making)
    is_begun: bool = False

    def judge(self, drafts: Iterable[Written], *, is_by_rule: bool) -> None:
        """Keep ``drafts`` in their order until there are enough; what breaks a rule is counted and left out."""
        for written in drafts:
            if len(self.making.made) >= self.wanted.count:
                return
            if self._broken_by(written, beside=()) is None:
                self.keep(written, is_by_rule=is_by_rule)

    def sorted_out(
        self, drafts: Iterable[Written], *, most: int, beside: Sequence[Written] = ()
    ) -> tuple[list[Written], list[str]]:
        """Return the first ``most`` of ``drafts`` that break no rule, also ``beside`` others that did not; and which
        rules were broken, one for each draft that was refused on the way.
        """
        good: list[Written] = []
        broken: list[str] = []
        for written in drafts:
            if len(good) == most:
                break
            rule = self._broken_by(written, beside=[*beside, *good])
            if rule is None:
                good.append(written)
            else:
                broken.append(rule)
        return good, broken

    def keep(self, written: Written, *, is_by_rule: bool) -> None:
        """Make a draft that breaks no rule; its quote is written as the content has it."""
        quote = quote_of(self.source.text, written.quote)
        assert quote is not None
        body = written.body
        if "question_type" in body:
            body = with_source(body, quote, language_of(quote))
        self.known.append(comparable_question(written.asked))
        self.making.made.append(Made(body, quote, is_by_rule))

    def _broken_by(self, written: Written, *, beside: Sequence[Written]) -> str | None:
        known = [*self.known, *(comparable_question(other.asked) for other in beside)]
        rule = first_broken(Judged(written, self.source.text, known))
        if rule:
            self.making.refused[rule] += 1
        return rule
