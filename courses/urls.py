"""Addresses under ``/api/courses/``, by room."""

from django.urls import include, path

from courses.views import ContentView, SearchView, SuggestionsView

urlpatterns = [
    path("contents/<id:pk>/", ContentView.as_view()),
    path("search/", SearchView.as_view()),
    path("search/suggestions/", SuggestionsView.as_view()),
    path("", include("courses.learning.urls")),
    path("", include("courses.assessment.urls")),
    path("", include("courses.languages.urls")),
    path("", include("courses.catalogue.urls")),
]
