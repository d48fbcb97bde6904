"""The words of the contract for recommendations, paths and analyses."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from chatbot.recommendations.advising import MOST_RECOMMENDED, REASONS, Recommendation
from chatbot.recommendations.paths import STATES, LearningPath, Step
from chatbot.recommendations.selectors import Analysis
from chatbot.recommendations.topics import Topic
from e_learning.core.api.paths import MOST_ID

_LONGEST_GOAL = 200


class RecommendQuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_RECOMMENDED, default=10)


class RecommendationSerializer(serializers.Serializer[Recommendation]):
    kind = serializers.CharField(help_text="`content` or `course`.")
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    content_id = serializers.IntegerField(allow_null=True, help_text="Null for a course.")
    title = serializers.CharField()
    reason = serializers.CharField(help_text="A sentence in the caller's language.")
    reason_code = serializers.ChoiceField(choices=REASONS)


class RecommendationsSerializer(serializers.Serializer[Any]):
    results = RecommendationSerializer(many=True)


class LearningPathQuerySerializer(serializers.Serializer[Any]):
    """Exactly one of the two."""

    course = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)
    goal = serializers.CharField(max_length=_LONGEST_GOAL, required=False, help_text="What one wants to learn.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Name a course or a goal, and not both."), code="course_or_goal")
        return attrs


class StepSerializer(serializers.Serializer[Step]):
    kind = serializers.CharField(help_text="`course` or `content`.")
    course_id = serializers.IntegerField()
    content_id = serializers.IntegerField(allow_null=True, help_text="Null for a course.")
    title = serializers.CharField()
    module = serializers.CharField(help_text="The title of a content's module; empty for a course.")
    state = serializers.ChoiceField(
        choices=STATES,
        help_text="Of a course `done`, `in_progress`, `to_take` or `locked`; of a content `done`, `mastered` (its topic"
        " is answered well), `next`, `later` or `locked`.",
    )
    reason = serializers.CharField(help_text="A sentence in the caller's language.")


class LearningPathSerializer(serializers.Serializer[LearningPath]):
    course_id = serializers.IntegerField()
    title = serializers.CharField()
    steps = StepSerializer(many=True)


class AnalyzeQuerySerializer(serializers.Serializer[Any]):
    course = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)
    student = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False, help_text="Else the caller.")


class TopicSerializer(serializers.Serializer[Topic]):
    topic = serializers.CharField()
    course_id = serializers.IntegerField(allow_null=True, help_text="Where the topic is the title of a module there.")
    answered = serializers.IntegerField()
    right = serializers.IntegerField()
    percent = serializers.FloatField(help_text="Of what is right; the latest answer to a question counts most.")
    level = serializers.CharField(
        help_text="`strong` from 80 percent on, `weak` below 60, `unsure` between, and with fewer than three answers."
    )


class AnalysisSerializer(serializers.Serializer[Analysis]):
    student_id = serializers.IntegerField()
    course_id = serializers.IntegerField(allow_null=True)
    topics = TopicSerializer(many=True, help_text="The weakest first.")
    strengths = serializers.ListField(child=serializers.CharField())
    weaknesses = serializers.ListField(child=serializers.CharField())
