"""Reads the text of a document from its standard input and writes it to its standard output, as UTF-8.

Run as a process of its own by ``document_text`` (reading.py), within limits on time and memory: whoever wrote the
document may have meant it to never end. So this file imports nothing of the platform.
"""

import io
import re
import resource
import sys
import zipfile
from html.parser import HTMLParser
from typing import Any

MOST_CHARACTERS = 1_000_000
MOST_PAGES = 1000
SECONDS, MEMORY = 60, 1024 * 1024 * 1024
_LARGEST_PART = 32 * 1024 * 1024
#: For each format the parts that hold text, and the local names of what is a paragraph and what is text within it.
_PARTS = {
    ".docx": (re.compile(r"word/document\.xml"), {"p"}, {"t"}),
    ".pptx": (re.compile(r"ppt/slides/slide(\d+)\.xml"), {"p"}, {"t"}),
    ".odt": (re.compile(r"content\.xml"), {"p", "h"}, None),
    ".odp": (re.compile(r"content\.xml"), {"p", "h"}, None),
}


def text_of(data: bytes, ending: str) -> str:
    """Return the text, a paragraph a line and an empty line between pages; empty for a format without running text."""
    if ending == ".pdf":
        return _of_pdf(data)
    if ending in _PARTS:
        return _of_parts(data, ending)
    if ending == ".epub":
        return _of_epub(data)
    return data.decode("utf-8-sig", "replace") if ending in (".txt", ".md") else ""


def _of_pdf(data: bytes) -> str:
    from pypdf import PdfReader

    pages, length = [], 0
    for number, page in enumerate(PdfReader(io.BytesIO(data)).pages):
        if number >= MOST_PAGES or length > MOST_CHARACTERS:
            break
        pages.append(page.extract_text())
        length += len(pages[-1])
    return "\n\n".join(pages)


def _of_parts(data: bytes, ending: str) -> str:
    pattern, paragraphs, texts = _PARTS[ending]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [(match, name) for name in archive.namelist() if (match := pattern.fullmatch(name))]
        names = [name for _match, name in sorted(found, key=lambda one: int(one[0][1]) if one[0].groups() else 0)]
        return "\n\n".join(_of_xml(_part(archive, name), paragraphs, texts) for name in names)


def _of_xml(part: bytes, paragraphs: set[str], texts: set[str] | None) -> str:
    from defusedxml.ElementTree import fromstring

    lines = []
    for element in fromstring(part).iter():
        if _local(element) in paragraphs:
            if texts is None:
                lines.append("".join(element.itertext()))
            else:
                lines.append("".join(text.text or "" for text in element.iter() if _local(text) in texts))
    return "\n".join(lines)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _of_epub(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xhtml", ".html", ".htm"))]
        return "\n\n".join(_of_page(_part(archive, name).decode("utf-8", "replace")) for name in names)


class _Page(HTMLParser):
    _HIDDEN = ("script", "style", "head")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in self._HIDDEN
        if tag in ("p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6"):
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self._HIDDEN

    def handle_data(self, data: str) -> None:
        if self.hidden <= 0:
            self.texts.append(data)


def _of_page(markup: str) -> str:
    page = _Page()
    page.feed(markup)
    return "".join(page.texts)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_LARGEST_PART)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform == "linux":  # elsewhere the limit is not kept, or breaks the interpreter
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    text = text_of(sys.stdin.buffer.read(), sys.argv[1])[:MOST_CHARACTERS]
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
