"""XML without DTD, entities or depth: what a file from a stranger may be."""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from django.utils.translation import gettext as _

from courses.exchange.olx.errors import ImportRefused

#: Real courses stay under 20; the walkers that read the tree recurse.
MAX_DEPTH = 100
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class _ShallowTree(TreeBuilder):
    """Builds the tree, and stops as soon as it gets too deep: before it costs anything."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ImportRefused(_("its elements are nested deeper than %(limit)d") % {"limit": MAX_DEPTH})
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def names(words: str) -> frozenset[str]:
    """Return a set of element names, written as words."""
    return frozenset(words.split())


def parse_xml(data: bytes, name: str) -> Element:
    """Return the root element of ``data``; refuse a DTD, any entity declaration, and XML that is not well formed."""
    parser = XMLParser(target=_ShallowTree(), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        message = _("%(name)s declares a document type or entities, which are refused.")
        raise ImportRefused(message % {"name": name}) from error
    except ImportRefused as error:
        raise ImportRefused(f"{name}: {error}.") from error
    except (ParseError, ValueError, LookupError) as error:  # the last two: an encoding that is unknown or not kept
        message = _("%(name)s is not well-formed XML: %(error)s.")
        raise ImportRefused(message % {"name": name, "error": error}) from error
    return root


def clean_text(text: str) -> str:
    """Return ``text`` without control characters and halves of surrogate pairs, which no database keeps."""
    return _CONTROL.sub("", text)
