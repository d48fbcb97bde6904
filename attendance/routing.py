"""Addresses of this app's sockets."""

from django.urls import URLPattern, path

from attendance.consumers import AttendanceSocket

websocket_urlpatterns: list[URLPattern] = [
    path("ws/attendance/<id:session_id>/", AttendanceSocket.as_asgi()),
]
