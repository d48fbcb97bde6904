"""The words of the contract for subtitles."""

from typing import Any

from rest_framework import serializers

from courses.languages.models import Subtitle


class CueSerializer(serializers.Serializer[Any]):
    """One subtitle; times in seconds with decimals."""

    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    translation = serializers.CharField(
        allow_null=True, help_text="In the reader's native language; null where there is none."
    )
    words = serializers.ListField(child=serializers.CharField())


class SubtitleSerializer(serializers.ModelSerializer[Subtitle]):
    cue_count = serializers.SerializerMethodField()

    class Meta:
        model = Subtitle
        fields = ["content_id", "language", "cue_count"]
        read_only_fields = fields

    def get_cue_count(self, subtitle: Subtitle) -> int:
        return len(subtitle.cues)
