"""How deep HTML may nest before a sanitiser is asked to read it."""

import re
from collections import Counter
from typing import Final

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID: Final = {*"area base br col embed hr img input link meta param source track wbr".split()}
_SELF_CLOSING: Final = {*"colgroup dd dt li option p rp rt tbody td tfoot th thead tr".split()}
#: What an HTML5 parser opens again in every block, until it is closed.
_FORMATTING: Final = {*"a b big code em font i nobr s small strike strong tt u".split()}
_MOST_OPEN = 100
_MOST_ITEMS = 2000
_MOST_COPIES = 100_000


def nests_too_deep(html: str) -> bool:
    """Say whether elements are opened by the hundred and never closed.

    An HTML5 parser opens every formatting element again in each block that follows, and a sanitiser
    takes quadratic time for depth: 100 kB of ``<div>`` cost it 19 seconds.
    """
    unclosed: Counter[str] = Counter()
    copies = 0
    for slash, name in _TAG.findall(html):
        tag = name.lower()
        if tag in _VOID:
            continue
        unclosed[tag] = max(0, unclosed[tag] + (-1 if slash else 1))
        limit = _MOST_ITEMS if tag in _SELF_CLOSING else _MOST_OPEN
        copies += 0 if slash or tag in _FORMATTING else sum(unclosed[name] for name in _FORMATTING)
        if unclosed[tag] > limit or copies > _MOST_COPIES:
            return True
    return False
