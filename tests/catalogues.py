"""What the translation tests read: messages named by code and templates, and the catalogues of ``locale/``."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import engines
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).parent.parent
PACKAGES = ("accounts", "attendance", "chatbot", "community", "courses", "payments", "e_learning")
#: How many of a call's arguments are messages.
_MARKS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
#: What the formatting operators and methods put in: ``%(name)s``, ``%d``, ``{name}``.
_PLACE = re.compile(r"%(?:\(\w+\))?[a-z]|\{\w+[^}]*\}")

#: A message as gettext knows it: alone, or the singular with its plural.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    key: Key
    texts: tuple[str, ...]
    is_fuzzy: bool


def places_of(text: str) -> list[str]:
    return sorted(_PLACE.findall(text))


def entries_of(po: Path) -> Iterator[Entry]:
    """The entries of a .po file but its header. Reads what gettext's own tools write; contexts are not in use here."""
    for block in po.read_text(encoding="utf-8").split("\n\n"):
        said: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            word, quote, rest = line.partition('"')
            name = word.strip() or name
            said[name] = said.get(name, "") + str(ast.literal_eval(quote + rest))
        if said.get("msgid"):
            key = (said["msgid"], said["msgid_plural"]) if "msgid_plural" in said else (said["msgid"],)
            texts = tuple(text for field, text in said.items() if field.startswith("msgstr"))
            yield Entry(key, texts, is_fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)))


def messages_in_python(folder: Path) -> Iterator[Key]:
    """Every literal message that the modules below ``folder`` mark for translation."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (count := _MARKS.get(_name_of(node.func))):
                given = node.args[:count]
                if all(isinstance(argument, ast.Constant) for argument in given):
                    yield tuple(str(argument.value) for argument in given if isinstance(argument, ast.Constant))


def _name_of(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def messages_in_templates(folder: Path) -> Iterator[Key]:
    for path in folder.rglob("templates/**/*.*"):
        template: Template = engines["django"].from_string(path.read_text(encoding="utf-8")).template  # type: ignore[attr-defined]  # the stubs leave it out
        yield from _messages_of(template.nodelist)


def _messages_of(nodes: Any) -> Iterator[Key]:
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        forms = [node.singular, node.plural] if node.plural else [node.singular]
        yield tuple(node.render_token_list(form)[0] for form in forms)
    for node in nodes.get_nodes_by_type(TranslateNode):
        yield (str(node.filter_expression.var.literal),)
