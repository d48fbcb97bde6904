"""What was pushed to sockets, as a test sees it.

    def test_…(pushes: Pushes, django_capture_on_commit_callbacks) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            post_messages([…])
        assert pushes.to("community.7") == [{"type": "chat_message", …}]

The fixture ``pushes`` is in tests/conftest.py. It stands where frames leave the process, so what is collected has been
committed; in a test with ``transaction=True`` nothing has to be captured.
"""

import json
from typing import Any

from e_learning.core.realtime import Push


class Pushes(list[Push]):
    """Everything pushed until now, in order."""

    def to(self, group: str) -> list[dict[str, Any]]:
        """Return the frames that went to ``group``, read."""
        return [json.loads(push.text) for push in self if push.group == group]

    def kinds(self, group: str) -> list[str]:
        """Return the types of those frames."""
        return [frame["type"] for frame in self.to(group)]
