"""HTML as a course brings it, made safe and self-contained."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

import nh3
from django.utils.translation import gettext as _

from courses.catalogue.nesting import nests_too_deep
from courses.exchange.olx.errors import ImportRefused, NotImported
from courses.exchange.olx.markup import clean_text, names

#: What is shown in a frame or player of its own becomes a link to it.
_FRAMES: Final = frozenset({"iframe", "embed", "video", "audio", "source", "object"})
_TAGS: Final = frozenset(nh3.ALLOWED_TAGS | _FRAMES)
_ATTRIBUTES: Final = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    **{tag: {"src", "title"} for tag in _FRAMES},
    "object": {"data", "title"},
}
#: The last is Open edX's name for a file of the course, which becomes ``/static/…``.
_SCHEMES: Final = {"http", "https", "mailto", "tel", "asset-v1"}
_VOID: Final = names("area base br col embed hr img input link meta param source track wbr")
_BLOCKS: Final = names(
    "article aside blockquote br center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li "
    "nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_STATIC = re.compile(r"(?:/static/|/?asset-v1:[^/@]+@asset(?:/|\+block@)|/c4x/[^/]+/[^/]+/asset/)(?P<name>[^?#]+)")


def static_name(address: str) -> str | None:
    """Return the name under ``static/`` that an address means, ``/static/x.png`` or ``asset-v1:…@x.png``; else None."""
    match = _STATIC.fullmatch(re.split(r"[?#]", address, maxsplit=1)[0].strip())
    return unquote(match["name"]) if match else None


@dataclass(slots=True)
class StaticNames:
    """Which files texts have named so far: those that are there, and those that are not."""

    is_there: Callable[[str], bool]
    found: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    def note(self, address: str) -> str | None:
        """Return the address as ``/static/<name>`` and remember the name; None where it is no file of the course."""
        name = static_name(address)
        if name is None:
            return None
        (self.found if self._there(name) else self.missing).add(name)
        return f"/static/{name}"

    def _there(self, name: str) -> bool:
        try:
            return self.is_there(name)
        except ImportRefused:  # a text may name whatever it likes; it only isn't a file of this course
            return False


def clean_body(html: str, static: StaticNames) -> str:
    """Return ``html`` sanitised, frames as links, course files as ``/static/<name>``, without a blank line.

    Raises NotImported where nothing is left to show (a block of style sheets, say).
    """
    html = clean_text(html)
    if nests_too_deep(html):
        raise NotImported(_("its elements are nested too deep"))
    safe = nh3.clean(html, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    body = _Body(static)
    body.feed(safe)
    body.close()
    if not body.shows_something:
        is_empty = not html.strip()
        raise NotImported(_("it is empty") if is_empty else _("only styles or scripts, and nothing to show"))
    return f"<div>\n{body.text()}\n</div>"


def plain_text(html: str, static: StaticNames) -> str:
    """Return the words of ``html``, a line for each paragraph and ``- `` before each item of a list; empty for none."""
    try:
        body = clean_body(html, static)
    except NotImported:
        return ""
    marked = body.replace("<li>", "<li>- ").replace("<br>", "\n")
    lines = (line.strip() for line in unescape(nh3.clean(marked, tags=set())).split("\n"))
    return "\n".join(line for line in lines if line)


class _Body(HTMLParser):
    """Writes sanitised HTML again, line by line; what it reads is well formed because nh3 wrote it.

    Among others, that leaves no character references but ``&amp;``, ``&lt;``, ``&gt;`` and ``&nbsp;``. A blank
    line or an indent would mean something to Markdown, so there is neither; in ``pre`` a line break is
    written as a character reference.
    """

    def __init__(self, static: StaticNames) -> None:
        super().__init__(convert_charrefs=False)
        self.shows_something = False
        self._static = static
        self._out: list[str] = []
        self._pre = 0

    def text(self) -> str:
        return "".join(self._out).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _FRAMES:
            self._write_link(attributes)
            return
        for name in ("src", "href"):
            if name in attributes:
                attributes[name] = self._static.note(attributes[name]) or attributes[name]
        if tag == "a" and not _leads_somewhere(attributes.get("href", "")):
            attributes.pop("href", None)
        self.shows_something |= tag == "img" and bool(attributes.get("src"))
        self._pre += tag == "pre"
        self._break_before(tag)
        self._out.append(f"<{tag}{_written(attributes)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _FRAMES:
            return
        self._pre -= tag == "pre"
        self._out.append(f"</{tag}>")
        if tag in _BLOCKS and not self._pre:
            self._out.append("\n")

    def handle_data(self, data: str) -> None:
        self.shows_something |= bool(data.strip("\u200b\u00a0 \t\r\n"))
        if self._pre:
            self._out.append(data.replace("\r\n", "\n").replace("\n", "&#10;"))
        elif not (data.isspace() and self._at_line_start()):
            self._out.append(re.sub(r"\s+", " ", data).lstrip() if self._at_line_start() else re.sub(r"\s+", " ", data))

    def handle_entityref(self, name: str) -> None:
        self.shows_something |= name != "nbsp"
        self._out.append(f"&{name};")

    def _write_link(self, attributes: dict[str, str]) -> None:
        address = attributes.get("src") or attributes.get("data") or ""
        address = self._static.note(address) or (f"https:{address}" if address.startswith("//") else address)
        if not address.startswith(("http://", "https://", "/static/")):
            return
        self.shows_something = True
        text = attributes.get("title") or address
        self._out.append(f"<a{_written({'href': address})}>{escape(unescape(text))}</a> ")

    def _break_before(self, tag: str) -> None:
        if tag in _BLOCKS and tag != "br" and not self._at_line_start() and not self._pre:
            self._out.append("\n")

    def _at_line_start(self) -> bool:
        return not self._out or self._out[-1].endswith("\n")


def _leads_somewhere(address: str) -> bool:
    """Whether a link still means something here: paths of the platform it comes from, ``/jump_to_id/…``, don't."""
    return address.startswith(("http://", "https://", "mailto:", "tel:", "/static/"))


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
