"""Plain text out of a problem's markup: what is asked, the choices, the explanation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from courses.exchange.olx.markup import clean_text, names

BLANK: Final = "____"
_PARAGRAPHS: Final = names(
    "blockquote center description div dl fieldset h1 h2 h3 h4 h5 h6 label legend ol p pre section table text ul"
)
_LINES: Final = names("br dd dt li tr")
#: Not part of what is asked: answers, scripts, and what is shown only afterwards.
SILENT: Final = names(
    "additional_answer answer checkboxgroup choicegroup choicehint compoundhint correcthint demandhint endouttext hint "
    "hintgroup optionhint radiogroup responseparam script solution solutionset startouttext stringequalhint style "
    "targetedfeedbackset"
)
INPUTS: Final = names("formulaequationinput numericalinput optioninput textline")


@dataclass(frozen=True, slots=True)
class Response:
    """One answer that a problem asks for; ``beside`` is the text of its row and column, where it stands in a table."""

    element: Element
    beside: str = ""


Token = str | Response


def is_response(element: Element) -> bool:
    return element.tag.endswith("response")


def tidy(text: str) -> str:
    """Return ``text`` in paragraphs: single spaces, at most one blank line between lines, no ``____`` on its own."""
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in clean_text(text).split("\n")]
    lines = ["" if line == BLANK else line for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def text_in(element: Element) -> str:
    """Return the text in ``element``; a field to fill in shows as ``____``, answers and scripts don't show."""
    return tidy("".join(_content_words(element)))


def tokens(element: Element) -> Iterator[Token]:
    """Yield what ``element`` holds in document order: text, and responses where they stand."""
    yield _words_of(element.text)
    for child in element:
        yield from _token(child)
        yield _words_of(child.tail)


def _token(element: Element) -> Iterator[Token]:
    if is_response(element):
        yield Response(element)
    elif next(_responses_in(element), None) is None:
        yield from _words(element)
    elif element.tag == "table":
        yield from _table(element)
    else:
        mark = _mark(element.tag)
        yield mark
        yield from tokens(element)
        yield mark


def _table(table: Element) -> Iterator[Token]:
    """Yield a table's responses, each with its row's and column's words; rows without one are left to the eye."""
    heads: list[str] = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        words = [tidy("".join(_words(cell))) for cell in cells]
        asking = [any(True for _found in _responses_in(cell)) for cell in cells]
        if not any(asking):
            heads = heads or words
            continue
        row_words = " ".join(word for word, asks in zip(words, asking, strict=True) if word and not asks)
        for column, cell in enumerate(cells):
            head = heads[column] if column < len(heads) else ""
            for found in _responses_in(cell):
                yield Response(found, ": ".join(part for part in (row_words, head) if part))


def _words(element: Element) -> Iterator[str]:
    if element.tag in SILENT:
        return
    if element.tag == "img":
        yield _picture(element)
        return
    if element.tag in INPUTS:
        yield f" {BLANK} "
        return
    mark = _mark(element.tag)
    yield mark
    yield {"li": "- ", "sup": "^", "sub": "_", "clarification": " ("}.get(element.tag, "")
    yield from _content_words(element)
    yield {"td": " ", "th": " ", "clarification": ")"}.get(element.tag, "")
    yield mark if element.tag in _PARAGRAPHS else ""


def _content_words(element: Element) -> Iterator[str]:
    yield _words_of(element.text)
    for child in element:
        yield from _words(child)
        yield _words_of(child.tail)


def _picture(element: Element) -> str:
    """Return what a picture shows, with its address where it has one outside the course: a question's text is plain."""
    words = " ".join(element.get("alt", "").split())
    source = element.get("src", "")
    address = source if source.startswith(("http://", "https://")) else ""
    said = ": ".join(part for part in (words, address) if part)
    return f"[{said}]" if said else ""


def _responses_in(element: Element) -> Iterator[Element]:
    return (inner for inner in element.iter() if is_response(inner))


def _mark(tag: str) -> str:
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _words_of(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
