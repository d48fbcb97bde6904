"""``@username`` in what people write: who is meant."""

import re
from typing import Final

from django.db.models import Value
from django.db.models.functions import Lower

from community.groups.access import entering
from community.posts.text import said_in

#: More than so many is a way to ring every bell at once.
MOST_MENTIONED: Final = 20
#: Not within a word or an address (``bilal@demo.school``), and not the first half of one (``@bilal@demo.school``).
_MENTION: Final = re.compile(r"(?<![\w.@/+-])@([\w.-]{1,40}+)(?![\w@])")


def names_mentioned(content: str) -> list[str]:
    """Return the first names called in ``content`` (Markdown), each once; code and addresses call nobody."""
    found = (name.rstrip(".") for piece in said_in(content) for name in _MENTION.findall(piece))
    return list(dict.fromkeys(name for name in found if name))[:MOST_MENTIONED]


def mentioned_in(content: str, community_id: int) -> list[int]:
    """Return the ids of the members whom ``content`` calls, whatever the letters' case.

    Of those whom the community lets in now; at most ``MOST_MENTIONED``, in the order of their ids. No statement where
    nobody is called.
    """
    names = names_mentioned(content)
    if not names:
        return []
    # The database makes both sides small: Python knows letters that SQLite does not.
    wanted = [Lower(Value(name)) for name in names]
    members = entering().filter(community=community_id).annotate(name=Lower("user__username"))
    return list(members.filter(name__in=wanted).order_by("user_id").values_list("user_id", flat=True))
