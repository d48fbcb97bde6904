"""What the staff group ``instructor`` may do in the back office. Which rows they see there is each page's own rule."""

from e_learning.core.staff_groups import Allowed

_WRITTEN = ("livesession", "attendancepolicy")
_READ = ("attendanceevent", "attendancerecord", "excuse", "attendancewarning")

MAY: Allowed = {"instructor": {"add": _WRITTEN, "change": _WRITTEN, "view": _WRITTEN + _READ}}
