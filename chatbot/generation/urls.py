"""Addresses of generation, under ``/api/chatbot/``."""

from django.urls import path

from chatbot.generation.views import AcceptView, GenerateView, JobsView, JobView, RejectView, StudyView

urlpatterns = [
    path("generate/", GenerateView.as_view()),
    path("jobs/", JobsView.as_view()),
    path("jobs/<id:pk>/", JobView.as_view()),
    path("jobs/<id:pk>/accept/", AcceptView.as_view()),
    path("jobs/<id:pk>/reject/", RejectView.as_view()),
    path("contents/<id:pk>/study/", StudyView.as_view()),
]
