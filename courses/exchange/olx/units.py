"""One unit (a vertical) as contents, in document order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import tostring

from django.utils.translation import gettext_lazy as _

from courses.exchange.olx.blocks import Block, BlockTree, key_for
from courses.exchange.olx.bodies import StaticNames, clean_body
from courses.exchange.olx.errors import NotImported
from courses.exchange.olx.files import CourseFiles
from courses.exchange.olx.problems import read_problem
from courses.exchange.olx.structure import Content, Question, QuizContent, TextContent, VideoContent
from courses.exchange.olx.videos import read_video

#: Blocks that only hold others. Of a ``library_content`` and a ``conditional`` everything comes along, always.
CONTAINERS: Final = frozenset(
    {"conditional", "itembank", "library_content", "problemset", "randomize", "sequential", "vertical", "wrapper"}
)
#: Others that hold blocks; of their variants a learner was shown only one, so none comes along.
_VARIANTS: Final = frozenset({"split_test"})
_MAX_HTML_BYTES: Final = 512 * 1024
Check = Callable[[Question], None]


@dataclass(slots=True)
class _Run:
    """HTML blocks that follow one another; ``key`` is that of the first that shows something."""

    key: str = ""
    bodies: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What reading a unit needs beside the unit."""

    files: CourseFiles
    tree: BlockTree
    static: StaticNames
    check: Check | None = None


class Unit:
    """Collects a unit's blocks: each video is a content, each run of html is one, all problems together are one quiz.

    Any block that is not html ends a run, also one that is left out.
    """

    def __init__(self, shelf: Shelf, block: Block, section: str) -> None:
        self._shelf = shelf
        self._block = block
        self._section = section
        self._run: _Run | None = None
        self._questions: list[Question] = []
        self._parts: list[_Run | VideoContent | list[Question]] = []
        self._add(block)

    def contents(self) -> list[Content]:
        """Return the unit's contents in order. Texts of a unit that has several are numbered."""
        title = self._title
        runs = [part for part in self._parts if isinstance(part, _Run) and part.bodies]
        numbers = {run.key: f" ({number})" if len(runs) > 1 else "" for number, run in enumerate(runs, start=1)}
        found: list[Content] = []
        for part in self._parts:
            if isinstance(part, VideoContent):
                found.append(part)
            elif isinstance(part, list):
                key = key_for("quiz", self._block.id)
                found.append(QuizContent(key, title, self._section, tuple(part)))
            elif part.bodies:
                found.append(TextContent(part.key, title + numbers[part.key], self._section, "\n".join(part.bodies)))
        return found

    @property
    def _title(self) -> str:
        return self._block.title or self._section or self._block.id

    def _add(self, block: Block) -> bool:
        """Take one block in; say whether anything of it came along, having noted the reason if not."""
        if block.kind != "html":
            self._run = None
        try:
            return self._taken(block)
        except NotImported as refusal:
            self._shelf.tree.leave_out(block, str(refusal))
            return False

    def _taken(self, block: Block) -> bool:
        if block.kind in CONTAINERS | _VARIANTS:
            # A list, not a generator: every child is to be read, also after the first that comes along.
            came = [self._add(child) for child in self._shelf.tree.children(_as_variants(block))]
            if not any(came):
                raise NotImported(block.hidden or _("nothing in it could be imported"))
        elif block.hidden:
            raise NotImported(block.hidden)
        elif block.kind == "html":
            self._take_html(block)
        elif block.kind == "video":
            self._take_video(block)
        elif block.kind == "problem":
            self._take_problem(block)
        else:
            raise NotImported(_("blocks of the kind %(kind)s have no counterpart here") % {"kind": block.kind})
        return True

    def _take_html(self, block: Block) -> None:
        if self._run is None:
            self._run = _Run()
            self._parts.append(self._run)
        body = clean_body(self._html_source(block), self._shelf.static)
        self._run.key = self._run.key or block.key
        self._run.bodies.append(body)

    def _html_source(self, block: Block) -> str:
        name = block.attributes.get("filename")
        if not name:
            return (block.element.text or "") + "".join(tostring(child, "unicode", "html") for child in block.element)
        path = f"html/{name.replace(':', '/')}.html"
        data = self._shelf.files.read(path, max_bytes=_MAX_HTML_BYTES)
        if data is None:
            raise NotImported(_("its file is missing"))
        return data.decode("utf-8-sig", errors="replace")

    def _take_video(self, block: Block) -> None:
        title = block.title or self._title
        source = block.element, block.attributes, self._shelf.files
        self._parts.append(read_video(*source, external_id=block.key, title=title, section=self._section))

    def _take_problem(self, block: Block) -> None:
        title = block.title or self._title
        questions = read_problem(block.element, external_id=block.key, title=title)
        if self._shelf.check:
            for question in questions:
                self._shelf.check(question)
        if not self._questions:
            self._parts.append(self._questions)
        self._questions.extend(questions)


def _as_variants(block: Block) -> Block:
    """Return ``block``, hidden with all it holds if it is of a kind that shows each learner another variant."""
    if block.kind not in _VARIANTS or block.hidden:
        return block
    return Block(block.kind, block.id, block.element, block.attributes, _("each learner saw another variant of it"))
