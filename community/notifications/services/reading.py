"""What its reader has seen."""

from django.utils import timezone

from community.notifications.models import Notification
from community.notifications.selectors import notification_of


def mark_as_read(*, user_id: int, notification_id: int) -> Notification:
    """Mark one of the user's own as read and return it; read before, it keeps its time. 404 for anybody else's."""
    unread = Notification.objects.filter(user=user_id, pk=notification_id, read_at__isnull=True)
    unread.update(read_at=timezone.now())
    return notification_of(user_id, notification_id)


def mark_all_as_read(*, user_id: int) -> int:
    """Mark everything that the user has not read yet; returns how many those were."""
    return Notification.objects.filter(user=user_id, read_at__isnull=True).update(read_at=timezone.now())
