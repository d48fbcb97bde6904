"""What the catalogue hears; registered in ``courses.receivers``."""

from accounts.events import ProfileChanged
from courses.catalogue.services import refresh_courses_taught_by


def on_profile_changed(event: ProfileChanged) -> None:
    """Courses show their instructor: whoever teaches under a new name is shown and found by it."""
    refresh_courses_taught_by(event.user_id)
