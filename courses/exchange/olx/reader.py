"""Reads a course from its root and says of every block whether it comes along, and if not, why."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from courses.exchange.olx.blocks import Block, BlockTree, Step
from courses.exchange.olx.bodies import StaticNames, plain_text
from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.files import CourseFiles
from courses.exchange.olx.markup import clean_text
from courses.exchange.olx.structure import Content, Module, OlxCourse
from courses.exchange.olx.units import Check, Shelf, Unit


def read_course(files: CourseFiles, *, step: Step | None = None, check: Check | None = None) -> OlxCourse:
    """Return the course in ``files`` (see ``open_course``).

    ``step(kind, id)`` is called for each block read; ``check(question)`` may raise NotImported for a
    question that the platform could not ask, and its problem is left out.

    Raises ImportRefused for whatever is wrong with the whole: not a course, broken XML, a document type,
    a path or a link that leads outside, too large, nothing in it to import.
    """
    tree = BlockTree(files, step)
    static = StaticNames(lambda name: files.exists(f"static/{name}"))
    shelf = Shelf(files, tree, static, check)
    root = tree.root()
    modules = tuple(_modules(shelf, root))
    if not modules:
        message = _("There is nothing in this course that can be imported (blocks left out: %(count)d).")
        raise ImportRefused(message % {"count": len(tree.left_out)})
    return OlxCourse(
        org=root.attributes["org"].strip(),
        course=root.attributes["course"].strip(),
        run=root.id,
        title=root.title or root.attributes["course"].strip(),
        language=root.attributes.get("language") or "en",
        summary=" ".join(clean_text(_about(files, "short_description")).split()),
        description=plain_text(_about(files, "overview"), static),
        modules=modules,
        blocks=tree.tally(),
        left_out=tuple(tree.left_out),
        static_files=tuple(sorted(static.found)),
        missing_files=tuple(sorted(static.missing)),
    )


def _modules(shelf: Shelf, course: Block) -> Iterator[Module]:
    for block in shelf.tree.children(course):
        if block.kind != "chapter":
            shelf.tree.leave_out(block, _("only chapters stand at the top of a course"))
            continue
        contents = tuple(content for child in shelf.tree.children(block) for content in _section(shelf, child))
        if contents:
            yield Module(block.key, block.title or block.id, contents)
        else:
            shelf.tree.leave_out(block, block.hidden or _("nothing in it could be imported"))


def _section(shelf: Shelf, block: Block) -> list[Content]:
    """Return the contents of what stands in a chapter: a sequential; in older courses a unit or block without one."""
    if block.kind != "sequential":
        return Unit(shelf, block, "").contents()
    units = [Unit(shelf, child, block.title) for child in shelf.tree.children(block)]
    found = [content for unit in units for content in unit.contents()]
    if not found:
        shelf.tree.leave_out(block, block.hidden or _("nothing in it could be imported"))
    return found


def _about(files: CourseFiles, name: str) -> str:
    return files.read_text(f"about/{name}.html") or ""
