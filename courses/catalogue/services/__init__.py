"""Every write of the room."""

from courses.catalogue.services.bookmarks import add_bookmark, remove_bookmark
from courses.catalogue.services.contents import (
    ContentValues,
    create_content,
    delete_content,
    reorder_contents,
    update_content,
)
from courses.catalogue.services.counting import (
    hold_contents_of,
    refresh_course,
    refresh_courses_in,
    refresh_courses_taught_by,
    touch_course,
)
from courses.catalogue.services.courses import (
    CourseValues,
    PrerequisiteLoop,
    create_course,
    delete_or_archive_course,
    leads_back,
    update_course,
)
from courses.catalogue.services.modules import (
    ModuleValues,
    create_module,
    delete_module,
    reorder_modules,
    update_module,
)
from courses.catalogue.services.removal import announce_removal, on_content_removal
from courses.catalogue.services.uploads import add_asset, keep_upload, remove_asset

__all__ = [
    "ContentValues",
    "CourseValues",
    "ModuleValues",
    "PrerequisiteLoop",
    "add_asset",
    "add_bookmark",
    "announce_removal",
    "create_content",
    "create_course",
    "create_module",
    "delete_content",
    "delete_module",
    "delete_or_archive_course",
    "hold_contents_of",
    "keep_upload",
    "leads_back",
    "on_content_removal",
    "refresh_course",
    "refresh_courses_in",
    "refresh_courses_taught_by",
    "remove_asset",
    "remove_bookmark",
    "reorder_contents",
    "reorder_modules",
    "touch_course",
    "update_content",
    "update_course",
    "update_module",
]
