"""Addresses of this app's sockets."""

from django.urls import URLPattern, path

from chatbot.conversations.consumers import TutorSocket

websocket_urlpatterns: list[URLPattern] = [
    path("ws/chatbot/<id:conversation_id>/", TutorSocket.as_asgi()),
]
