"""Addresses of this app's sockets."""

from django.urls import URLPattern, path

from community.chat.consumers import ChatSocket
from community.notifications.consumers import NotificationSocket

websocket_urlpatterns: list[URLPattern] = [
    path("ws/community/chat/<id:community_id>/", ChatSocket.as_asgi()),
    path("ws/notifications/", NotificationSocket.as_asgi()),
]
