"""The tree of blocks: what points at what, and the tally of what was read and left out."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.files import CourseFiles
from courses.exchange.olx.markup import clean_text
from courses.exchange.olx.structure import BlockCount, LeftOut

#: In a course's own file, and no blocks.
_NOT_BLOCKS: Final = frozenset({"wiki", "grading_policy", "licenses"})
_POINTER: Final = frozenset({"url_name", "slug", "org", "course", "run"})
_MAX_BLOCKS: Final = 20_000
_MAX_DEPTH: Final = 30
_LONGEST_KEY: Final = 200

Step = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Block:
    """One block where it is used. Its definition may stand in a file of its own, some attributes in the policy.

    ``hidden`` is the reason why learners may not see it, inherited from what holds it; empty for most.
    """

    kind: str
    id: str
    element: Element
    attributes: Mapping[str, str]
    hidden: str | Promise

    @property
    def title(self) -> str:
        return " ".join(self.attributes.get("display_name", "").split())

    @property
    def key(self) -> str:
        """What the block is called from one export to the next, short enough for an ``external_id``."""
        return key_for(self.kind, self.id)


def key_for(kind: str, name: str) -> str:
    key = f"{kind}/{name}"
    return key if len(key) <= _LONGEST_KEY else f"{kind[:100]}/{sha256(name.encode()).hexdigest()}"


class BlockTree:
    """Finds the blocks of a course and counts them.

    ``read == imported + left_out`` holds for each kind, because what is not left out counts as imported.
    """

    def __init__(self, files: CourseFiles, step: Step | None = None) -> None:
        self._files = files
        self._step = step
        self._policy: Mapping[str, Mapping[str, str]] = {}
        self._read: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()
        self._open: list[tuple[str, str]] = []
        self.left_out: list[LeftOut] = []

    def root(self) -> Block:
        """Return the course block, whose id is the run; its ``org`` and ``course`` are among its attributes."""
        pointer = self._files.read_xml("course.xml")
        if pointer is None or pointer.tag != "course":
            raise ImportRefused(_("This is not a course: course.xml doesn't hold one."))
        run = pointer.get("url_name") or pointer.get("run") or ""
        if not (run.strip() and pointer.get("org", "").strip() and pointer.get("course", "").strip()):
            raise ImportRefused(_("This is not a course: course.xml doesn't say its org, course and url_name."))
        self._policy = self._policies(run)
        element = pointer if len(pointer) else self._files.read_xml(f"course/{_file_name(run)}.xml")
        if element is None:
            raise ImportRefused(_("course.xml names a run that is not in the file: %(run)s.") % {"run": run})
        block = self._block("course", run.strip(), element, "", {**pointer.attrib, **element.attrib})
        self._count(block)
        return block

    def children(self, parent: Block) -> Iterator[Block]:
        """Yield the blocks in ``parent``, each counted as read.

        One whose file is missing, or that stands in the course already, is left out at once.
        """
        if len(self._open) >= _MAX_DEPTH:
            raise ImportRefused(_("The blocks of the course are nested deeper than %(limit)d.") % {"limit": _MAX_DEPTH})
        self._open.append((parent.kind, parent.id))
        numbers: Counter[str] = Counter()
        for element in parent.element:
            if element.tag in _NOT_BLOCKS:
                continue
            numbers[element.tag] += 1
            block = self._resolved(element, parent, numbers[element.tag])
            self._count(block)
            if (block.kind, block.id) in self._seen:
                self.leave_out(block, _("it stands in the course a second time"))
            elif block.element is element and _only_points(element):
                self.leave_out(block, _("its file is missing"))
            else:
                self._seen.add((block.kind, block.id))
                yield block
        self._open.pop()

    def leave_out(self, block: Block, reason: str | Promise) -> None:
        self.left_out.append(LeftOut(block.kind, block.id, str(reason)))

    def tally(self) -> dict[str, BlockCount]:
        left = Counter(entry.kind for entry in self.left_out)
        return {kind: BlockCount(read, read - left[kind], left[kind]) for kind, read in self._read.items()}

    def _policies(self, run: str) -> dict[str, dict[str, str]]:
        """Return what ``policy.json`` sets on blocks, by ``kind/id``, as attributes would say it.

        Older courses keep names and video addresses there.
        """
        text = self._files.read_text(f"policies/{_file_name(run)}/policy.json") or "{}"
        try:
            policies = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ImportRefused(_("policy.json is not readable JSON.")) from error
        if not isinstance(policies, dict):
            raise ImportRefused(_("policy.json is not readable JSON."))
        return {
            name: {key: value if isinstance(value, str) else json.dumps(value) for key, value in policy.items()}
            for name, policy in policies.items()
            if isinstance(policy, dict)
        }

    def _resolved(self, element: Element, parent: Block, number: int) -> Block:
        """Return the block that ``element`` is or points at; ``number`` names one that has no name of its own."""
        kind, name = element.tag, element.get("url_name") or element.get("slug") or ""
        if name and (kind, name) in self._open:
            raise ImportRefused(_("%(kind)s %(name)s holds itself.") % {"kind": kind, "name": name})
        definition = None
        if name and not len(element) and not (element.text or "").strip():
            definition = self._files.read_xml(f"{_file_name(kind)}/{_file_name(name)}.xml")
        found = element if definition is None else definition
        attributes = {**element.attrib, **found.attrib}
        return self._block(kind, name or f"{parent.id}-{kind}-{number}", found, parent.hidden, attributes)

    def _block(self, kind: str, name: str, element: Element, hidden: str | Promise, given: Mapping[str, str]) -> Block:
        merged = {**given, **self._policy.get(f"{kind}/{name}", {})}
        cleaned = {key: clean_text(value) for key, value in merged.items()}
        return Block(kind, clean_text(name), element, cleaned, hidden or _hidden(cleaned))

    def _count(self, block: Block) -> None:
        self._read[block.kind] += 1
        if self._read.total() > _MAX_BLOCKS:
            raise ImportRefused(_("The course has more than %(limit)d blocks.") % {"limit": _MAX_BLOCKS})
        if self._step:
            self._step(block.kind, block.id)


def _hidden(attributes: Mapping[str, str]) -> str | Promise:
    """Return why learners may not see a block, or nothing.

    Groups of learners don't come along, so what only some were shown is shown to nobody.
    """
    if attributes.get("visible_to_staff_only", "").lower() == "true":
        return _("only its course's staff may see it")
    try:
        groups = json.loads(attributes.get("group_access") or "{}")
    except (ValueError, RecursionError):
        groups = True
    is_open = isinstance(groups, dict) and not any(groups.values())
    return "" if is_open else _("only some groups of learners may see it")


def _only_points(element: Element) -> bool:
    is_empty = not len(element) and not (element.text or "").strip()
    return is_empty and bool(element.attrib) and set(element.attrib) <= _POINTER


def _file_name(name: str) -> str:
    """Return where a block of that name is kept; a colon stands for a folder."""
    return name.replace(":", "/")
