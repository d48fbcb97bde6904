"""How long what failed waits for its next try."""

from datetime import timedelta


def pause_after(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return the pause after so many tries, of which there was one at least: ``first``, doubling up to ``longest``."""
    most_doublings = (
        longest // first
    ).bit_length()  # past ``longest`` already; a hundred tries still make no huge number
    return min(first * (1 << min(attempts - 1, most_doublings)), longest)
