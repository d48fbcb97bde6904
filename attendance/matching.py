"""Who of a meeting is whom in a class.

Pure. By e-mail address first; else by a name, which has to be one learner's and nobody else's. Whatever a meeting shows
as a name its guests typed themselves, so in doubt nobody is matched, and a person decides.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.api import normalized_email
from attendance.exports import Participation
from courses.api import LearnerRow

#: Why somebody is not matched.
UNKNOWN, AMBIGUOUS, HOST, WAITING_ROOM, ANOTHER_TIME = "unknown", "ambiguous", "host", "waiting_room", "another_time"
#: What meetings put behind a name.
_MARKS: Final = re.compile(r"\s*\((?:co-)?(?:host|guest|external|unverified|me)\)$", re.IGNORECASE)
_WITH_ORIGINAL: Final = re.compile(r"(?P<shown>.+?)\s*\((?P<original>[^()]+)\)")


@dataclass(frozen=True, slots=True)
class Host:
    """Whose course it is: never a learner of it, unless they are enrolled, too."""

    email: str
    names: Collection[str]


class ClassList:
    """A class, to be asked who somebody in a meeting is."""

    def __init__(self, learners: Sequence[LearnerRow], *, host: Host, others: Collection[str]) -> None:
        """``others`` are addresses of accounts outside the class: whoever came with one is no learner of that name."""
        self._by_email = {normalized_email(learner.email): learner.user_id for learner in learners}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        for learner in learners:
            for name in filter(None, (learner.full_name, learner.username)):
                self._by_name[folded(name)].add(learner.user_id)
        self._host_email = normalized_email(host.email)
        self._host_names = {folded(name) for name in host.names if name}
        self._others = others

    def learner_of(self, participation: Participation) -> int | str:
        """Return the learner's id, or the reason why it is nobody's."""
        email = normalized_email(participation.email)
        if email in self._by_email:
            return self._by_email[email]
        if participation.is_host or (email and email == self._host_email):
            return HOST
        if email in self._others:
            return UNKNOWN
        for names in names_of(participation.name):
            found = set[int]().union(*(self._by_name.get(name, ()) for name in names))
            if found:
                return found.pop() if len(found) == 1 else AMBIGUOUS
        is_hosts = any(name in self._host_names for names in names_of(participation.name) for name in names)
        return HOST if is_hosts else UNKNOWN


def names_of(shown: str) -> Iterable[list[str]]:
    """Yield what to look for, folded: the name as it was shown, then the two that "Name (Original Name)" holds."""
    while (name := _MARKS.sub("", shown)) != shown:
        shown = name
    if name:
        yield [folded(name)]
    if found := _WITH_ORIGINAL.fullmatch(name):
        yield [folded(found["shown"]), folded(found["original"])]


def folded(name: str) -> str:
    """Return the name as it is compared: whatever its capitals, its spaces and the way its accents are written."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
