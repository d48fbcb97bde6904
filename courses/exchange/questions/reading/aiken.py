"""Aiken: a question, its options a line each, the letter that is right. https://docs.moodle.org/en/Aiken_format"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft
from courses.exchange.olx.errors import NotImported
from courses.exchange.questions.reading.keys import FULL, Answer, choice_key
from courses.exchange.questions.structure import Built, Entry

_OPTION = re.compile(r"([A-Z])[.)][ \t]+(.*)")
_ANSWER = re.compile(r"ANSWER:[ \t]*(.*)")


def aiken_entries(text: str) -> Iterator[Entry]:
    """Yield the questions of an Aiken file; one that ends without its ``ANSWER:`` too, to be left out."""
    words: list[str] = []
    options: list[tuple[str, str]] = []
    for line in map(str.strip, text.split("\n")):
        option, answer = _OPTION.fullmatch(line), _ANSWER.fullmatch(line)
        if answer:
            yield _entry(words, options, answer[1].strip())
            words, options = [], []
        elif option and words:
            options.append((option[1], option[2].strip()))
        elif line:
            if options:  # the next question begins, and this one has no answer
                yield _entry(words, options, "")
                words, options = [], []
            words.append(line)
    if words:
        yield _entry(words, options, "")


def _entry(words: list[str], options: list[tuple[str, str]], letter: str) -> Entry:
    return Entry("multichoice", partial(_built, "\n".join(words), tuple(options), letter))


def _built(text: str, options: tuple[tuple[str, str], ...], letter: str) -> Built:
    if not letter:
        raise NotImported(_("it doesn't say which answer is right"))
    letters = [name for name, _said in options]
    if letter not in letters or len(set(letters)) != len(letters):
        raise NotImported(_("%(letter)s is not one of its options") % {"letter": letter[:20]})
    answers = [Answer(said, FULL if name == letter else Decimal(0)) for name, said in options]
    return Built(QuestionDraft(question_text=text, **choice_key(answers, single=True)))
