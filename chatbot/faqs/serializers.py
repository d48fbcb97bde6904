"""What the app sees of frequent questions."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from chatbot.faqs.models import Faq
from chatbot.faqs.placeholders import filled
from e_learning.core.api.pagination import PageSerializer


class FaqSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    question = serializers.CharField()
    answer = serializers.CharField()
    category = serializers.ChoiceField(Faq.Category.choices)
    language = serializers.CharField()


class FaqPageSerializer(PageSerializer):
    results = FaqSerializer(many=True)


class FaqQuerySerializer(serializers.Serializer[Any]):
    category = serializers.ChoiceField(Faq.Category.choices, required=False)
    search = serializers.CharField(max_length=200, required=False)


def faqs_body(faqs: Sequence[Faq]) -> list[dict[str, Any]]:
    return [
        {
            "id": faq.pk,
            "question": faq.question,
            "answer": filled(faq.answer),
            "category": faq.category,
            "language": faq.language,
        }
        for faq in faqs
    ]
