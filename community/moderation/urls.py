"""Addresses of moderation, under ``/api/community/``."""

from django.urls import path

from community.moderation.views import (
    ActionsView,
    ApproveView,
    DismissMessageFlagsView,
    DismissPostFlagsView,
    FlagMessageView,
    FlagPostView,
    MemberView,
    PinView,
    QueueView,
    RejectView,
    RestoreMessageView,
    RestorePostView,
    UndoView,
)

urlpatterns = [
    path("groups/<id:pk>/members/<id:user_id>/", MemberView.as_view()),
    path("groups/<id:pk>/moderation/", QueueView.as_view()),
    path("groups/<id:pk>/moderation/actions/", ActionsView.as_view()),
    path("groups/<id:pk>/moderation/actions/<id:action_id>/undo/", UndoView.as_view()),
    path("posts/<id:pk>/approve/", ApproveView.as_view()),
    path("posts/<id:pk>/reject/", RejectView.as_view()),
    path("posts/<id:pk>/pin/", PinView.as_view()),
    path("posts/<id:pk>/flag/", FlagPostView.as_view()),
    path("posts/<id:pk>/dismiss-flags/", DismissPostFlagsView.as_view()),
    path("posts/<id:pk>/restore/", RestorePostView.as_view()),
    path("messages/<id:pk>/flag/", FlagMessageView.as_view()),
    path("messages/<id:pk>/dismiss-flags/", DismissMessageFlagsView.as_view()),
    path("messages/<id:pk>/restore/", RestoreMessageView.as_view()),
]
