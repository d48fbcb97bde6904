"""REST faces of the catalogue."""

from courses.catalogue.views.authoring import (
    ContentAuthoring,
    ContentsReorderView,
    ContentsView,
    CourseAuthoring,
    ModulesReorderView,
    ModulesView,
    ModuleView,
)
from courses.catalogue.views.bookmarks import BookmarksView, BookmarkView
from courses.catalogue.views.listing import CategoriesView, CoursesView
from courses.catalogue.views.paging import page_rows
from courses.catalogue.views.uploads import AssetsView, AssetView, ContentUploadView

__all__ = [
    "AssetView",
    "AssetsView",
    "BookmarkView",
    "BookmarksView",
    "CategoriesView",
    "ContentAuthoring",
    "ContentUploadView",
    "ContentsReorderView",
    "ContentsView",
    "CourseAuthoring",
    "CoursesView",
    "ModuleView",
    "ModulesReorderView",
    "ModulesView",
    "page_rows",
]
