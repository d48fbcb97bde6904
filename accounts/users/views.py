"""People over REST: oneself, one's settings, and others."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.signin.callers import caller_of
from accounts.users.selectors import person_seen_by, settings_of
from accounts.users.serializers import (
    ProfileSerializer,
    SeenUserSerializer,
    SettingsSerializer,
    UserInfoSerializer,
)
from accounts.users.services import update_profile, update_settings
from e_learning.core.api.errors import NotThere
from e_learning.core.api.parsers import StrictJSONParser
from e_learning.core.api.permissions import SignedIn
from e_learning.core.uploads.forms import PictureForm


class MeView(APIView):
    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, PictureForm]

    @extend_schema(operation_id="accounts_me", summary="Oneself", responses=UserInfoSerializer)
    def get(self, request: Request) -> Response:
        return Response(UserInfoSerializer(caller_of(request)).data)

    @extend_schema(
        operation_id="accounts_me_update",
        summary="Change one's profile",
        description=(
            "Fields of user_info that are not in the body's schema are ignored. "
            "A username in use: 400 `username_taken`. "
            "A `profile_image` (PNG, JPEG, GIF, WebP) comes in a form; null takes it away."
        ),
        request=ProfileSerializer(partial=True),
        responses=UserInfoSerializer,
    )
    def patch(self, request: Request) -> Response:
        asked = ProfileSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        goal = asked.validated_data.get("daily_goal")
        user = update_profile(user=caller_of(request), profile=asked.profile, daily_goal=goal)
        return Response(UserInfoSerializer(user).data)


class MySettingsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="accounts_my_settings", summary="One's settings", responses=SettingsSerializer)
    def get(self, request: Request) -> Response:
        return Response(SettingsSerializer(settings_of(caller_of(request))).data)

    @extend_schema(
        operation_id="accounts_my_settings_update",
        summary="Change one's settings",
        request=SettingsSerializer(partial=True),
        responses=SettingsSerializer,
    )
    def patch(self, request: Request) -> Response:
        asked = SettingsSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        kept = update_settings(user=caller_of(request), preferences=asked.preferences)
        return Response(SettingsSerializer(kept).data)


class UserView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="accounts_user",
        summary="A person",
        description="Oneself, or anyone for an admin: whole. Others: what everybody signed in may see.",
        responses=SeenUserSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        viewer = caller_of(request)
        person = person_seen_by(viewer=viewer, user_id=pk)
        if person is None:
            raise NotThere
        return Response(SeenUserSerializer(person, context={"viewer": viewer}).data)
