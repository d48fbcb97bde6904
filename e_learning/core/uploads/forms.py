"""How files come in: as parts of a form, bounded before they are read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.fields import SkipField
from rest_framework.parsers import MultiPartParser

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads.judging import Family, JudgedFile, judged_upload


class _AtMost(FileUploadHandler):
    """Stops reading once all files together pass ``most`` bytes, whatever length was announced."""

    def __init__(self, request: Any, most: int) -> None:
        super().__init__(request)
        self._left = most

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._left -= len(raw_data)
        if self._left < 0:
            raise RequestDataTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # the next handler keeps it


class UploadForm(MultiPartParser):
    """``multipart/form-data`` with files: 413 before it is read where it announces too much, else where it passes that.

    ``largest`` names the setting that bounds its largest file; a second file or the texts beside it
    have ``MAX_BODY_BYTES`` more. Texts are refused as in JSON where they hold NUL.
    """

    largest: ClassVar[str]

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        request: Any = (parser_context or {})["request"]
        most = getattr(settings, self.largest) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced[:20]) > most:
            raise RequestDataTooBig
        request.upload_handlers.insert(0, _AtMost(request, most))
        form = super().parse(stream, media_type, parser_context)
        for name, values in form.data.lists():
            if "\0" in name or any("\0" in value for value in values):
                raise ParseError(_("Text can't contain the NUL character."))
        return form


class PictureForm(UploadForm):
    largest = "UPLOAD_MAX_IMAGE_BYTES"


class DocumentForm(UploadForm):
    largest = "UPLOAD_MAX_DOCUMENT_BYTES"


class FilmForm(UploadForm):
    largest = "UPLOAD_MAX_VIDEO_BYTES"


class JudgedFileField(serializers.FileField):
    """A file of a form as ``judged_upload`` gives it; with ``allow_null``, null (in a form: nothing) takes it away.

    Text, where a file is not required, changes nothing: clients send back the address that an answer gave them.
    """

    def __init__(self, *, families: tuple[Family, ...], longest_side: int = 2560, **kwargs: Any) -> None:
        self._families, self._longest_side = families, longest_side
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and not self.required:
            raise SkipField
        if not isinstance(data, UploadedFile):
            self.fail("invalid")
        return judged_upload(data, families=self._families, longest_side=self._longest_side, attr=str(self.field_name))


class JudgedFormField(forms.FileField):
    """The same for pages of the back office."""

    def __init__(self, *, families: tuple[Family, ...], longest_side: int = 2560, **kwargs: Any) -> None:
        self._families, self._longest_side = families, longest_side
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> JudgedFile | None:
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            return judged_upload(upload, families=self._families, longest_side=self._longest_side)
        except ApiError as error:
            raise DjangoValidationError(str(error.message), code=error.code) from error
