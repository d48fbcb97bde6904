"""What attendance hears from below."""

from attendance import tasks
from attendance.selectors.linked import linked_among
from courses.events import ContentsCompleted
from e_learning.core.events import listens_to
from e_learning.core.wake import wake_on_commit


@listens_to(ContentsCompleted)
def on_contents_completed(event: ContentsCompleted) -> None:
    """Have the register told where a session links what was completed.

    Completing is a hot path, and hardly any content is linked: one question by an index, however much a day offline
    completes at once. The rest is a task's.
    """
    linked = linked_among({content_id for _enrollment_id, content_id in event.completed})
    if linked:
        wake_on_commit(tasks.note_completions, [pair for pair in event.completed if pair[1] in linked])
