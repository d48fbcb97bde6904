"""What staff groups may do in the back office of community. Which rows they see there is each page's own rule."""

from e_learning.core.staff_groups import Allowed

#: What they decide there they decide by the services of moderation, which ask for their standing in the community.
_READ = ("communitygroup", "membership", "post", "message", "flag", "moderationaction", "waiting")

MAY: Allowed = {"instructor": {"change": ("communitygroup",), "view": _READ}, "moderator": {"view": _READ}}
