"""A span of time that is asked for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class SpanSerializer(serializers.Serializer[Any]):
    """Which sessions, by their start: from ``since`` on and before ``until``, in the address ``from`` and ``to``."""

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python's own, and can't be declared."""
        since = serializers.DateTimeField(
            source="since", required=False, help_text=_("Sessions that begin then or later.")
        )
        until = serializers.DateTimeField(source="until", required=False, help_text=_("Sessions that begin before."))
        return super().get_fields() | {"from": since, "to": until}
