"""The words of the contract for the roll (API §7)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from attendance.models import Excuse, LiveSession, Status
from attendance.services.marking import Mark
from e_learning.core.api.paths import MOST_ID

MOST_MARKS = 1000
_MOST_VERSION = 2**31 - 1


class RollExcuseSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Excuse.State.choices)
    reason = serializers.CharField()


class RollRowSerializer(serializers.Serializer[Any]):
    """One learner. ``version`` is what a mark sends back: 0 where nothing was noted yet."""

    user_id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    record_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    reason = serializers.CharField(help_text=_("the rule that decided"))
    version = serializers.IntegerField()
    minutes = serializers.IntegerField()
    checked_in_at = serializers.DateTimeField(allow_null=True)
    checked_out_at = serializers.DateTimeField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField(), help_text=_("what a person should look at"))
    note = serializers.CharField()
    excuse = RollExcuseSerializer(allow_null=True)


class RollCountsSerializer(serializers.Serializer[Any]):
    present = serializers.IntegerField()
    late = serializers.IntegerField()
    absent = serializers.IntegerField()
    excused = serializers.IntegerField()
    total = serializers.IntegerField()


class RollSerializer(serializers.Serializer[Any]):
    session_id = serializers.IntegerField(source="session.pk")
    status = serializers.ChoiceField(choices=LiveSession.State.choices, source="session.state")
    counts = RollCountsSerializer()
    records = RollRowSerializer(many=True, source="rows")


class MarkSerializer(serializers.Serializer[Any]):
    """``status`` null takes back what was set by hand; without ``note`` the note stays as it is."""

    user_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    note = serializers.CharField(max_length=500, allow_blank=True, required=False)
    version = serializers.IntegerField(
        min_value=0,
        max_value=_MOST_VERSION,
        required=False,
        help_text=_("that of the record as it was seen; without it the last mark wins"),
    )


class MarksSerializer(serializers.Serializer[Any]):
    records: serializers.ListSerializer[Any] = serializers.ListSerializer(child=MarkSerializer(), max_length=MOST_MARKS)

    def validate_records(self, records: list[dict[str, Any]]) -> list[Mark]:
        return [Mark(**values | {"status": values["status"] or ""}) for values in records]
