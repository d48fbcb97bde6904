"""Where a person's calendar is."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class CalendarAddressSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(help_text=_("For a calendar program; whoever has it reads the calendar."))
