"""What learners say of a course: what is sent, and how each reader sees it."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.api import User
from courses.catalogue.selectors import visible_course
from courses.learning.models import Review
from e_learning.core.api.pagination import PageSerializer


class ReviewWriteSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000, help_text="Plain text.")


class ReviewerSerializer(serializers.Serializer[Any]):
    """Who wrote it. Without a token ``full_name`` is empty and ``profile_image`` null."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField(allow_blank=True)
    profile_image = serializers.CharField(allow_null=True)


class ReviewSerializer(serializers.Serializer[Any]):
    """What ``review_shown_to`` returns, for the schema."""

    id = serializers.IntegerField()
    user = ReviewerSerializer()
    rating = serializers.IntegerField()
    comment = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ReviewPageSerializer(PageSerializer):
    results = ReviewSerializer(many=True)


def review_shown_to(reader: User | AnonymousUser, review: Review) -> dict[str, Any]:
    """Return ``review`` (with its user) as ``reader`` sees it.

    Many learners are children: their names and portraits are for people who have signed in, not for
    whoever reads the web.
    """
    writer, named = review.user, reader.is_authenticated
    return {
        "id": review.pk,
        "user": {
            "id": writer.pk,
            "username": writer.username,
            "full_name": writer.full_name if named else "",
            "profile_image": writer.profile_image.url if named and writer.profile_image else None,
        },
        "rating": review.rating,
        "comment": review.comment,
        "created_at": review.created_at,
        "updated_at": review.updated_at,
    }


def reviews_of(reader: User | AnonymousUser, course_id: int) -> QuerySet[Review]:
    """Return a course's reviews with who wrote them, newest first; 404 for a course ``reader`` may not know of."""
    course = visible_course(reader, course_id)
    return Review.objects.filter(course=course).select_related("user").order_by("-created_at", "-id")
