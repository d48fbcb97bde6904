"""What the writers say no with. The readers have their words from the course import."""

from django.utils.functional import Promise


class NotWritten(ValueError):
    """The format has no place for this question; the text is the reason that the report gives."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
