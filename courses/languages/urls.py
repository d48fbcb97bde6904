"""Addresses of the languages room, under ``/api/courses/``."""

from django.urls import path

from courses.languages.views import SubtitleLanguageView, SubtitlesView

urlpatterns = [
    path("contents/<id:pk>/subtitles/", SubtitlesView.as_view()),
    path("contents/<id:pk>/subtitles/<str:language>/", SubtitleLanguageView.as_view()),
]
