"""Facts that accounts announces after the commit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Somebody's name, username or portrait is another: whoever keeps a copy of them has to look again."""

    user_id: int
