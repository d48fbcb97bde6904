"""The one way JSON goes out, and the contract's way to write times and lazy text."""

from typing import Any

import msgspec
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


def _encode_other(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, str):  # SafeString, ErrorDetail and others of their kind
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encoder = msgspec.json.Encoder(enc_hook=_encode_other)


def to_json(value: Any) -> bytes:
    """Encode ``value`` as UTF-8 JSON. Mappings, lists, dataclasses and msgspec structs.

    Decimals become strings, times in UTC end in ``Z``. Durations are the caller's to write as whole seconds.
    """
    return _encoder.encode(value)


class FastJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else to_json(data)
