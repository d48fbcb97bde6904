"""What people write becomes what readers get: Markdown without HTML, to HTML that does nothing but show text."""

import re
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: No picture, sound or frame: what is loaded from a foreign place tells it who reads here, and these are children.
_TAGS: Final = {
    *"a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split()
}
_ATTRIBUTES: Final = {"*": set(), "a": {"href"}, "code": {"class"}, "ol": {"start"}}
_SCHEMES: Final = {"http", "https", "mailto"}
_LINK: Final = re.compile(r"(?:https?://|mailto:)[^/?#]", re.IGNORECASE)
#: Deeper emphasis is no writing: it is made to break the reader's app, which draws elements within elements.
_MOST_LEVELS: Final = 50
#: Quotes and lists, of which every level is asked about every line. The parser drops the text of deeper ones.
_MOST_BLOCKS: Final = 14
#: The parser fills up a table's missing cells: twenty thousand characters would make a megabyte of HTML.
_MOST_CELLS: Final = 10_000


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Refuse what is no address of the web or of mail: it then stands there as it was written."""
        return bool(_LINK.match(url))


#: A picture's ``![text](address)`` becomes ``!`` and a link.
_OPTIONS: Final = {"html": False, "breaks": True, "maxNesting": _MOST_BLOCKS}
_markdown = _Markdown("commonmark", _OPTIONS).enable(["table", "strikethrough"]).disable("image")
_plain = MarkdownIt("zero", {"html": False, "breaks": True}).enable("newline")


def render_post(source: str) -> str:
    """Return ``source`` as HTML that is safe to show, in time proportional to its length.

    A new line stays one. What is built to nest or to grow beyond what people write is shown as plain text.
    """
    tokens = parsed(source)
    shown = _plain.render(source) if tokens is None else _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(
        shown,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
    )


def parsed(source: str) -> list[Token] | None:
    """Return the blocks of ``source``; None for what is shown as plain text."""
    lines = source.splitlines()
    widest = max((line.count("|") for line in lines), default=0)
    if widest and len(lines) * (widest + 1) > _MOST_CELLS:
        return None
    tokens = _markdown.parse(source)
    too_deep = any(
        block.level >= _MOST_BLOCKS - 1 or any(inline.level > _MOST_LEVELS for inline in block.children or ())
        for block in tokens
    )
    return None if too_deep else tokens


def said_in(source: str) -> list[str]:
    """Return the pieces of ``source`` that are people's words: no code, and no addresses."""
    tokens = parsed(source)
    if tokens is None:
        return [source]
    pieces = []
    for block in tokens:
        inlines = block.children or []
        for before, inline in zip([None, *inlines], inlines, strict=False):
            is_address = before is not None and before.type == "link_open" and before.markup == "autolink"
            if inline.type == "text" and not is_address:
                pieces.append(inline.content)
    return pieces
