"""Which contents sessions link."""

from collections.abc import Collection

from attendance.models import LiveSession


def linked_among(content_ids: Collection[int]) -> set[int]:
    """Return those of the contents that a session links which stands: one statement, by an index."""
    linked = LiveSession.objects.standing().filter(linked_content__in=content_ids).order_by()
    return {content_id for content_id in linked.values_list("linked_content", flat=True).distinct() if content_id}
