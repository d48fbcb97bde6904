"""What the reader says no with."""

from django.utils.functional import Promise


class ImportRefused(ValueError):
    """The whole file is refused: broken, dangerous, too large, or not a course. The text is for whoever sent it."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


class NotImported(ValueError):
    """One block can't come along; its text is the reason that the report gives."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
