"""What looks like chance and is none: the same words always fall the same way. Pure."""

from random import Random


def seeded(words: str) -> Random:
    return Random(words)  # noqa: S311  # places of options in a draft that its owner reads, and no secret
