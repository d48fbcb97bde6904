"""Addresses of notifications, under ``/api/community/``."""

from django.urls import path

from community.notifications.views import (
    MarkAllAsReadView,
    MarkAsReadView,
    NotificationsView,
    NotificationView,
    UnreadCountView,
)

urlpatterns = [
    path("notifications/", NotificationsView.as_view()),
    path("notifications/unread-count/", UnreadCountView.as_view()),
    path("notifications/mark-all-as-read/", MarkAllAsReadView.as_view()),
    path("notifications/<id:pk>/", NotificationView.as_view()),
    path("notifications/<id:pk>/mark-as-read/", MarkAsReadView.as_view()),
]
