"""Addresses of the learning room, under ``/api/courses/``."""

from django.urls import path

from courses.learning.views import (
    CourseProgressView,
    CourseReviewsView,
    CourseView,
    EnrollmentsView,
    EnrollView,
    HistoryView,
    LibraryView,
    ProgressSyncView,
    ProgressUpdateView,
    ReviewView,
    ShelfView,
    StatsView,
    TopicView,
)

urlpatterns = [
    path("courses/<id:pk>/", CourseView.as_view()),
    path("courses/<id:pk>/enroll/", EnrollView.as_view()),
    path("courses/<id:pk>/progress/", CourseProgressView.as_view()),
    path("courses/<id:pk>/reviews/", CourseReviewsView.as_view()),
    path("reviews/<id:pk>/", ReviewView.as_view()),
    path("library/", LibraryView.as_view()),
    path("library/<words:grade>/<words:subject>/", ShelfView.as_view()),
    path("library/<words:grade>/<words:subject>/<words:topic>/", TopicView.as_view()),
    path("enrollments/", EnrollmentsView.as_view()),
    path("progress/sync/", ProgressSyncView.as_view()),
    path("progress/update/", ProgressUpdateView.as_view()),
    path("progress/stats/", StatsView.as_view()),
    path("progress/history/", HistoryView.as_view()),
]
