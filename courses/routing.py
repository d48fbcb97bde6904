"""Addresses of this app's sockets."""

from django.urls import URLPattern, path

from courses.learning.consumers import ProgressSocket

websocket_urlpatterns: list[URLPattern] = [
    path("ws/progress/<id:course_id>/", ProgressSocket.as_asgi()),
]
