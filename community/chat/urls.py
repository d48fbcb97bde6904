"""Addresses of chat, under ``/api/community/``. That of one message is above: moderators delete there too."""

from django.urls import path

from community.chat.views import (
    AttachmentView,
    ConversationsView,
    DirectMessagesView,
    GroupMessagesView,
    MarkAsReadView,
    MessagesView,
)

urlpatterns = [
    path("groups/<id:pk>/messages/", GroupMessagesView.as_view()),
    path("messages/", MessagesView.as_view()),
    path("messages/<id:pk>/mark-as-read/", MarkAsReadView.as_view()),
    path("messages/<id:pk>/attachment/", AttachmentView.as_view()),
    path("direct/", ConversationsView.as_view()),
    path("direct/<id:user_id>/messages/", DirectMessagesView.as_view()),
]
