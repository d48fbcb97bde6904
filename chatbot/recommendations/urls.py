"""Addresses of recommendations, under ``/api/chatbot/``."""

from django.urls import path

from chatbot.recommendations.views import AnalyzeView, LearningPathView, RecommendView

urlpatterns = [
    path("analyze/", AnalyzeView.as_view()),
    path("learning-path/", LearningPathView.as_view()),
    path("recommend/", RecommendView.as_view()),
]
