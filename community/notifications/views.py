"""REST faces of notifications: everybody's own."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from community.notifications.models import Notification
from community.notifications.selectors import notification_of, notifications_of, unread_count_of
from community.notifications.serializers import (
    MarkedSerializer,
    NotificationListQuerySerializer,
    NotificationSerializer,
    UnreadCountSerializer,
)
from community.notifications.services import mark_all_as_read, mark_as_read
from e_learning.core.api.asking import asked
from e_learning.core.api.pagination import FeedPagination
from e_learning.core.api.permissions import SignedIn


@extend_schema_view(
    get=extend_schema(operation_id="community_notifications", parameters=[NotificationListQuerySerializer])
)
class NotificationsView(ListAPIView[Notification]):
    """What the caller was told, latest first."""

    permission_classes = [SignedIn]
    serializer_class = NotificationSerializer
    pagination_class = FeedPagination
    feed_time = "created_at"
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        return notifications_of(caller_of(self.request).pk, **asked(NotificationListQuerySerializer, self.request))


class NotificationView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_notification", responses=NotificationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One of the caller's own. Reading it here does not mark it as read."""
        return Response(NotificationSerializer(notification_of(caller_of(request).pk, pk)).data)


class UnreadCountView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_notifications_unread_count", responses=UnreadCountSerializer)
    def get(self, request: Request) -> Response:
        """How many notifications the caller has not read."""
        return Response({"unread_count": unread_count_of(caller_of(request).pk)})


class MarkAsReadView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_notification_mark_as_read", request=None, responses=NotificationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Mark one of the caller's own; once more changes nothing."""
        return Response(NotificationSerializer(mark_as_read(user_id=caller_of(request).pk, notification_id=pk)).data)


class MarkAllAsReadView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="community_notifications_mark_all_as_read", request=None, responses=MarkedSerializer)
    def post(self, request: Request) -> Response:
        """Mark everything that the caller has not read."""
        return Response({"marked": mark_all_as_read(user_id=caller_of(request).pk)})
