"""Moodle's kinds of text made plain: questions, options and explanations are shown as plain text here."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import Element, SubElement

import nh3
from django.utils.translation import gettext as _

from courses.catalogue.nesting import nests_too_deep
from courses.catalogue.text import render_text
from courses.exchange.olx.errors import NotImported
from courses.exchange.olx.markup import MAX_DEPTH, names
from courses.exchange.olx.prose import text_in
from e_learning.core.api.errors import ApiError

PLAIN, HTML, MARKDOWN, AUTO = "plain", "html", "markdown", "moodle"
#: Far past any question, once its pictures are out.
_LONGEST_SOURCE: Final = 50_000
_EMBEDDED = re.compile(r"data:[a-z/+.-]{0,60};base64,[A-Za-z0-9+/=\s]*")
_ATTRIBUTES: Final = {"img": {"alt", "src"}}
_VOID: Final = names("area base br col embed hr img input link meta param source track wbr")
_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|small|span|strong|sub|sup|table|tbody|td|th|tr"
    r"|tt|u|ul)(?:\s[^<>]*)?/?>|&(?:[a-zA-Z]{2,8}|#[0-9]{1,7});",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text. Of a picture only its description is left; ``lost_picture`` says that one had none."""

    text: str
    has_picture: bool = False
    lost_picture: bool = False


def words_of(source: str, text_format: str) -> Words:
    """Return what a reader of ``source`` sees, as plain text; NotImported for what can't be read in reasonable time."""
    source = _EMBEDDED.sub("data:", source) if text_format != PLAIN else source
    if len(source) > _LONGEST_SOURCE:
        raise NotImported(_("a text of more than %(limit)d characters") % {"limit": _LONGEST_SOURCE})
    if text_format == AUTO:  # Moodle keeps its line breaks, and whatever tags it has
        if not _TAG.search(source):
            return Words(source.strip())
        source = source.strip().replace("\n", "<br>")
    elif text_format == MARKDOWN:
        try:
            source = render_text(source)
        except ApiError as refusal:
            raise NotImported(refusal.message) from refusal
    elif text_format == PLAIN:
        return Words(source.strip())
    return _words_in(source)


def must_be_seen(words: Words) -> str:
    """Return the text of what learners need in order to answer; NotImported where they would need a picture."""
    if words.lost_picture:
        raise NotImported(_("it shows a picture without a description, and questions are plain text here"))
    return words.text


def joined(*parts: str) -> str:
    """Return the parts as paragraphs, each once, without the empty ones."""
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _words_in(html: str) -> Words:
    if nests_too_deep(html):
        raise NotImported(_("its elements are nested too deep"))
    tree = _Tree()
    # Written anew first: our own parser takes quadratic time for tags that never end.
    tree.feed(nh3.clean(html, attributes=_ATTRIBUTES, link_rel=None))
    tree.close()
    pictures = list(tree.root.iter("img"))
    lost = any("alt" not in picture.attrib and not _is_elsewhere(picture) for picture in pictures)
    return Words(text_in(tree.root), has_picture=any(map(_counts, pictures)), lost_picture=lost)


def _is_elsewhere(picture: Element) -> bool:
    return picture.get("src", "").startswith(("http://", "https://"))


def _counts(picture: Element) -> bool:
    """Whether a picture says something: an empty description means that it is an ornament."""
    return bool(picture.get("alt", "x").strip())


class _Tree(HTMLParser):
    """Builds elements of HTML that was cleaned. Lines of ``pre`` stay lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in _VOID:
            self._open.append(element)
        if len(self._open) > MAX_DEPTH:  # the walker of the tree recurses
            raise NotImported(_("its elements are nested too deep"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(element.tag == "pre" for element in self._open):
            self._append(data)
            return
        for number, line in enumerate(data.split("\n")):
            if number:
                SubElement(self._open[-1], "br")
            self._append(line)

    def _append(self, data: str) -> None:
        holder = self._open[-1]
        if len(holder):
            holder[-1].tail = (holder[-1].tail or "") + data
        else:
            holder.text = (holder.text or "") + data
