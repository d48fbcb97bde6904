"""Addresses of communities, under ``/api/community/``."""

from django.urls import path

from community.groups.views import (
    BlocksView,
    BlockView,
    GroupsView,
    GroupView,
    JoinView,
    LeaveView,
    MembersView,
)

urlpatterns = [
    path("groups/", GroupsView.as_view()),
    path("groups/<id:pk>/", GroupView.as_view()),
    path("groups/<id:pk>/join/", JoinView.as_view()),
    path("groups/<id:pk>/leave/", LeaveView.as_view()),
    path("groups/<id:pk>/members/", MembersView.as_view()),
    path("blocks/", BlocksView.as_view()),
    path("blocks/<id:user_id>/", BlockView.as_view()),
]
