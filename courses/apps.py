from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses import receivers  # noqa: F401 - registers what this app hears
        from courses.assessment.services import hold_attempts
        from courses.catalogue.models import Content, Course
        from courses.catalogue.services import on_content_removal
        from courses.learning.services import uncount_removed_contents
        from courses.media.models import Asset
        from courses.staff import MAY
        from e_learning.core.owned_files import files_go_with
        from e_learning.core.staff_groups import keep_staff_groups

        # In the order in which learners' own writes lock: attempts before enrolments.
        on_content_removal.extend([hold_attempts, uncount_removed_contents])
        for model in (Course, Content, Asset):
            files_go_with(model)
        keep_staff_groups(self, MAY)
