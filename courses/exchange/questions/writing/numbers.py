"""Numbers as the formats write them: plain, with a point, without an exponent."""

from decimal import Decimal


def number(value: Decimal | None) -> str:
    """Return the number without zeros that say nothing."""
    return f"{(value or Decimal(0)).normalize():f}"


def share(count: int) -> str:
    """Return the percent that each of ``count`` right choices is worth, with the five decimals that Moodle keeps."""
    return number(round(Decimal(100) / max(count, 1), 5))
