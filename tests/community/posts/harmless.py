"""Judges HTML as a browser would read it: what tags, attributes and addresses are in it."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = set(
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split()
)
ATTRIBUTES = {"a": {"href", "rel"}, "code": {"class"}, "ol": {"start"}}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.harms: list[str] = []
        self.depth = self.deepest = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.harms.append(f"<{tag}>")
        if tag not in {"br", "hr"}:
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
        for name, value in attributes:
            if name not in ATTRIBUTES.get(tag, set()):
                self.harms.append(f"{tag} {name}={value!r}")
        given = dict(attributes)
        if tag == "a" and "href" in given and urlsplit(given["href"] or "").scheme not in {"http", "https", "mailto"}:
            self.harms.append(f"href={given['href']!r}")
        if tag == "a" and given.get("rel") != "nofollow noopener noreferrer":
            self.harms.append(f"rel={given.get('rel')!r}")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_comment(self, data: str) -> None:
        self.harms.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.harms.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.harms.append(f"<?{data}>")


def harms_in(html: str) -> list[str]:
    """Return what in ``html`` is more than shown text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.harms


def depth_of(html: str) -> int:
    """Return how deep elements stand within elements."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.deepest
