"""Addresses under ``/api/community/``, by room; last those that need more than one."""

from django.urls import include, path

from community.views import MessageView, PostView

urlpatterns = [
    path("", include("community.groups.urls")),
    path("", include("community.posts.urls")),
    path("", include("community.chat.urls")),
    path("", include("community.notifications.urls")),
    path("", include("community.moderation.urls")),
    path("posts/<id:pk>/", PostView.as_view()),
    path("messages/<id:pk>/", MessageView.as_view()),
]
