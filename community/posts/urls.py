from django.urls import path

from community.posts.views import GroupPostsView, PostsView, ReactView

urlpatterns = [
    path("groups/<id:pk>/posts/", GroupPostsView.as_view()),
    path("posts/", PostsView.as_view()),
    path("posts/<id:pk>/react/", ReactView.as_view()),
]
