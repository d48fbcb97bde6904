"""What courses hears from the apps below."""

from accounts.events import ProfileChanged
from courses.catalogue.receivers import on_profile_changed
from e_learning.core.events import listens_to

listens_to(ProfileChanged)(on_profile_changed)
