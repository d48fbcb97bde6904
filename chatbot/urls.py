"""Addresses under ``/api/chatbot/``, by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("chatbot.conversations.urls")),
    path("", include("chatbot.faqs.urls")),
    path("", include("chatbot.generation.urls")),
    path("", include("chatbot.recommendations.urls")),
]
