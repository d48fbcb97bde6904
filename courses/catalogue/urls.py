"""Addresses of the catalogue room, under ``/api/courses/``; one course and one content are served by rooms above."""

from django.urls import path

from courses.catalogue.views import (
    AssetsView,
    AssetView,
    BookmarksView,
    BookmarkView,
    CategoriesView,
    ContentsReorderView,
    ContentsView,
    ContentUploadView,
    CoursesView,
    ModulesReorderView,
    ModulesView,
    ModuleView,
)

urlpatterns = [
    path("categories/", CategoriesView.as_view()),
    path("courses/", CoursesView.as_view()),
    path("courses/<id:pk>/bookmark/", BookmarkView.as_view()),
    path("courses/<id:pk>/assets/", AssetsView.as_view()),
    path("courses/<id:pk>/assets/<id:asset_id>/", AssetView.as_view()),
    path("bookmarks/", BookmarksView.as_view()),
    path("modules/", ModulesView.as_view()),
    path("modules/reorder/", ModulesReorderView.as_view()),
    path("modules/<id:pk>/", ModuleView.as_view()),
    path("contents/", ContentsView.as_view()),
    path("contents/reorder/", ContentsReorderView.as_view()),
    path("contents/<id:pk>/upload/", ContentUploadView.as_view()),
]
