"""One content opened: put together from the rooms that each know a part of it."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework import serializers

from accounts.api import User
from courses.assessment.selectors import quiz_summary_of
from courses.catalogue.models import Content
from courses.catalogue.selectors import document_address
from courses.languages.selectors import subtitle_tracks
from courses.learning.access import open_content
from courses.media.selectors import with_signed_assets
from courses.media.video import video_of


def content_page(*, user: User | AnonymousUser, content_id: int) -> dict[str, Any]:
    """Return the body of ``GET contents/{id}/`` for a reader who may open it.

    Refuses as ``learning.access.open_content`` does. At most one statement for each room that has a
    part: the content itself, its pictures, its subtitles, its quiz.
    """
    opened = open_content(user=user, content_id=content_id)
    content = opened.content
    is_quiz = content.content_type == Content.Type.QUIZ
    return {
        "id": content.pk,
        "module_id": content.module_id,
        "course_id": content.module.course_id,
        "title": content.title,
        "section": content.section,
        "content_type": content.content_type,
        "text_content": content.text_content,
        "text_html": with_signed_assets(content.text_html, course_id=content.module.course_id),
        "document": document_address(content),
        "video": _video(content),
        "quiz": quiz_summary_of(content_id=content.pk, user_id=user.pk) if is_quiz else None,
        "progress": opened.progress,
        "version": content.version,
    }


def _video(content: Content) -> dict[str, Any] | None:
    video = video_of(content)
    return None if video is None else video | {"subtitles": subtitle_tracks(content.pk)}


class RenditionSerializer(serializers.Serializer[Any]):
    quality = serializers.CharField()
    url = serializers.CharField()


class SubtitleTrackSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    url = serializers.CharField()


class VideoSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(  # type: ignore[assignment]  # DRF has an attribute of this name
        choices=["youtube", "vimeo", "direct", "stored"]
    )
    status = serializers.ChoiceField(choices=["pending", "processing", "ready", "failed"])
    hls_url = serializers.CharField(allow_null=True)
    renditions = RenditionSerializer(many=True)
    duration = serializers.IntegerField(allow_null=True)
    poster = serializers.CharField(allow_null=True)
    subtitles = SubtitleTrackSerializer(many=True)


class QuizSummarySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    question_count = serializers.IntegerField()
    passing_score = serializers.IntegerField()
    time_limit = serializers.IntegerField(allow_null=True)
    max_attempts = serializers.IntegerField(allow_null=True)
    attempts_used = serializers.IntegerField()


class ContentProgressSerializer(serializers.Serializer[Any]):
    is_completed = serializers.BooleanField()
    last_position = serializers.IntegerField()
    time_spent = serializers.IntegerField()


class ContentPageSerializer(serializers.Serializer[Any]):
    """What ``content_page`` returns, for the schema."""

    id = serializers.IntegerField()
    module_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    title = serializers.CharField()
    section = serializers.CharField()
    content_type = serializers.ChoiceField(choices=Content.Type.choices)
    text_content = serializers.CharField()
    text_html = serializers.CharField()
    document = serializers.CharField(allow_null=True)
    video = VideoSerializer(allow_null=True)
    quiz = QuizSummarySerializer(allow_null=True)
    progress = ContentProgressSerializer(allow_null=True)
    version = serializers.IntegerField()
