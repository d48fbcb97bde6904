"""What staff groups may do in the back office of the tutor. Which rows they see there is each page's own rule."""

from e_learning.core.staff_groups import Allowed

#: Transcripts of own courses, and what was drafted for them.
_READ_BY_INSTRUCTORS = ("conversation", "message", "faq", "job", "draft")

MAY: Allowed = {
    "instructor": {"change": ("draft",), "view": _READ_BY_INSTRUCTORS},
    "moderator": {"view": ("flag", "faq")},
}
