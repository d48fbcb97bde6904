"""The words of the contract for the catalogue: what is shown, what authors send, what lists are asked."""

from courses.catalogue.serializers.listing import (
    ContentListQuerySerializer,
    CourseListQuerySerializer,
    CourseListSerializer,
    ModuleListQuerySerializer,
)
from courses.catalogue.serializers.shown import (
    AssetSerializer,
    AuthoredContentSerializer,
    AuthoredCourseSerializer,
    AuthoredModuleSerializer,
    BookmarkSerializer,
    CategoryNodeSerializer,
    CourseSummarySerializer,
    UploadStatusSerializer,
    authored_course,
    course_summary,
)
from courses.catalogue.serializers.written import (
    AssetUploadSerializer,
    ContentUploadSerializer,
    ContentWriteSerializer,
    CourseWriteSerializer,
    ModuleCreateSerializer,
    ModuleWriteSerializer,
    ReorderSerializer,
)

__all__ = [
    "AssetSerializer",
    "AssetUploadSerializer",
    "AuthoredContentSerializer",
    "AuthoredCourseSerializer",
    "AuthoredModuleSerializer",
    "BookmarkSerializer",
    "CategoryNodeSerializer",
    "ContentListQuerySerializer",
    "ContentUploadSerializer",
    "ContentWriteSerializer",
    "CourseListQuerySerializer",
    "CourseListSerializer",
    "CourseSummarySerializer",
    "CourseWriteSerializer",
    "ModuleCreateSerializer",
    "ModuleListQuerySerializer",
    "ModuleWriteSerializer",
    "ReorderSerializer",
    "UploadStatusSerializer",
    "authored_course",
    "course_summary",
]
