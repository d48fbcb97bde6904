"""Words of people inside a prompt: they stand between tags that they can't close. Pure."""

_UNFENCED = str.maketrans({"<": "‹", ">": "›"})


def fenced(text: str) -> str:
    """Return ``text`` with the two letters that make a fence exchanged, letter by letter: it stays as long as it is."""
    return text.translate(_UNFENCED)
