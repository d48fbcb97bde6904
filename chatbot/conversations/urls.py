"""Addresses of conversations, under ``/api/chatbot/``."""

from django.urls import path

from chatbot.conversations.views import (
    ConversationsView,
    ConversationView,
    FeedbackView,
    MessagesView,
    TranscriptsView,
    TranscriptView,
)

urlpatterns = [
    path("conversations/", ConversationsView.as_view()),
    path("conversations/<id:pk>/", ConversationView.as_view()),
    path("conversations/<id:pk>/messages/", MessagesView.as_view()),
    path("messages/<id:pk>/feedback/", FeedbackView.as_view()),
    path("courses/<id:pk>/transcripts/", TranscriptsView.as_view()),
    path("courses/<id:pk>/transcripts/<id:conversation_id>/", TranscriptView.as_view()),
]
