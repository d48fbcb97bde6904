"""Why an upload is refused."""

from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import ApiError, InvalidInput


class EmptyFile(InvalidInput):
    code = "empty"
    message = _("The file is empty.")


class BrokenFile(InvalidInput):
    """It says what it is, and then isn't, or ends too early."""

    code = "broken_file"
    message = _("The file is damaged or incomplete.")


class FileTooLarge(ApiError):
    status = 413
    code = "too_large"
    message = _("The file is too large.")


class TooManyPixels(ApiError):
    """Asked of the header: a few kilobytes may unfold into gigabytes."""

    status = 413
    code = "too_many_pixels"
    message = _("The picture has too many pixels.")


class KindNotAllowed(ApiError):
    status = 415
    code = "kind_not_allowed"
    message = _("Files of this kind are not taken here.")
