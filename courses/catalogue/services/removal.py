"""What rooms above do before contents go.

The catalogue can't call upwards, and an event comes after the commit, when the rows are gone. So a
room that keeps counts about contents registers a function here, at start-up (``courses.apps``); it
runs in the remover's transaction, before the deletion, once for all contents that go together.
"""

from collections.abc import Callable, Iterable, Sequence

from courses.catalogue.models import Content

#: In the order in which they lock: a room's rows before the rows that those hang on.
on_content_removal: list[Callable[[Sequence[Content]], None]] = []


def announce_removal(contents: Iterable[Content]) -> None:
    """Let the rooms prepare, then lock the contents: nothing new can hang on them until they are gone.

    The contents come last: whoever writes what hangs on a content holds its own rows when, at its
    commit, the foreign key asks for the content's.
    """
    going = list(contents)
    if not going:
        return
    for prepare in on_content_removal:
        prepare(going)
    list(
        Content.objects.select_for_update()
        .filter(pk__in=[content.pk for content in going])
        .order_by("id")
        .values_list("id")
    )
